"""Which images lie so near a kink of a piecewise-linear network that float32 may fall on its other side."""

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

# Of the largest value of a layer: float32 rounding of sums of some hundred products stays below it.
TOLERANCE = 1e-6


# Activations of so many images at once.
BATCH = 128


class KinkWatch(TorchFunctionMode):
    """
    The margin of each image: how near to 0 its values come before a ReLU, or the two largest values of a pooling window
    to each other, relative to the largest value of the layer. Values that are the same in float64 are no kink: a flat
    background makes many such, and the rule of the first in row-major order decides them.
    """

    def __init__(self):
        super().__init__()
        self.margins = None

    def __torch_function__(self, function, types, arguments=(), options=None):
        if function is F.relu:
            self.mark(arguments[0].abs(), arguments[0])
        elif function is F.max_pool2d:
            x = arguments[0]
            windows = F.unfold(x.flatten(0, 1).unsqueeze(1), 2, stride=2)
            top = windows.topk(2, dim=1).values
            self.mark((top[:, 0] - top[:, 1]).unflatten(0, x.shape[:2]), x)
        return function(*arguments, **(options or {}))

    def mark(self, distance, values):
        apart = torch.where(distance > 0, distance, torch.inf).flatten(1).amin(1)
        margins = apart / values.abs().max()
        self.margins = margins if self.margins is None else torch.minimum(self.margins, margins)


def margins(model, images):
    found = []
    for batch in images.split(BATCH):
        with torch.no_grad(), KinkWatch() as watch:
            model(batch)
        found.append(watch.margins)
    return torch.cat(found)


def near_kinks(model, images):
    return margins(model, images) < TOLERANCE
