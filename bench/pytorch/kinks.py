"""Which images lie so near a kink of a piecewise-linear network that float32 may fall on its other side."""

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

# Of the largest value of a layer: float32 rounding of sums of some hundred products stays below it.
TOLERANCE = 1e-6


class KinkWatch(TorchFunctionMode):
    """
    Marks images with a value within the tolerance of 0 before a ReLU, or with two largest values within it of each
    other in a pooling window. Values that are the same in float64 are no kink: a flat background makes many such,
    and the rule of the first in row-major order decides them.
    """

    def __init__(self):
        super().__init__()
        self.near = None

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
        close = (distance > 0) & (distance < TOLERANCE * values.abs().max())
        close = close.flatten(1).any(1)
        self.near = close if self.near is None else self.near | close


def near_kinks(model, images):
    with torch.no_grad(), KinkWatch() as watch:
        model(images)
    return watch.near
