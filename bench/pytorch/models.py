"""The networks of Isthmus in PyTorch; parameters have the names that Isthmus gives them."""

import torch
from torch import nn
from torch.nn import functional as F

from implicit import Nemon


class CnnSmall(nn.Module):
    # Isthmus flattens [h, w, c]; PyTorch flattens [c, h, w].
    flattened = {"dense1.weight": (7, 7, 32)}

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.dense1 = nn.Linear(7 * 7 * 32, 100)
        self.dense2 = nn.Linear(100, 10)

    def forward(self, x):
        # Pooling before ReLU gives the same values and gradients, and is faster in PyTorch too.
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = F.relu(self.dense1(x.flatten(1)))
        return self.dense2(x)


class Vgg16(nn.Module):
    flattened = {}
    widths = [(64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)]

    def __init__(self):
        super().__init__()
        channels = 3
        for b, block in enumerate(self.widths, start=1):
            convolutions = nn.ModuleDict()
            for i, width in enumerate(block, start=1):
                convolutions[str(i)] = nn.Conv2d(channels, width, 3, padding=1)
                channels = width
            self.add_module(f"conv{b}", convolutions)
        self.fc1 = nn.Linear(512, 512)
        self.fc2 = nn.Linear(512, 512)
        self.fc3 = nn.Linear(512, 10)

    def forward(self, x):
        for b, block in enumerate(self.widths, start=1):
            convolutions = self.get_submodule(f"conv{b}")
            for i in range(1, len(block)):
                x = F.relu(convolutions[str(i)](x))
            x = F.relu(F.max_pool2d(convolutions[str(len(block))](x), 2))
        x = F.relu(self.fc1(x.flatten(1)))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class PreActivationBlock(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        if stride != 1 or channels != width:
            self.downsample = nn.Conv2d(channels, width, 1, stride, bias=False)

    def forward(self, x):
        branch = self.conv1(F.relu(self.bn1(x)))
        branch = self.conv2(F.relu(self.bn2(branch)))
        return branch + (self.downsample(x) if hasattr(self, "downsample") else x)


class PreResNet26(nn.Module):
    flattened = {}

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        channels = 16
        for s, width in enumerate((16, 32, 64), start=1):
            blocks = []
            for b in range(4):
                blocks.append(PreActivationBlock(channels, width, 2 if s > 1 and b == 0 else 1))
                channels = width
            self.add_module(f"layer{s}", nn.Sequential(*blocks))
        self.bn = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        x = F.relu(self.bn(x))
        return self.fc(x.mean((2, 3)))


ARCHITECTURES = {
    "cnn-small": CnnSmall,
    "vgg16": Vgg16,
    "preresnet26": PreResNet26,
    "nemon": Nemon,
}

SUFFIXES = {
    "gamma": "weight",
    "beta": "bias",
    "mean": "running_mean",
    "variance": "running_var",
}


def pytorch_name(name):
    layer, _, last = name.rpartition(".")
    return f"{layer}.{SUFFIXES.get(last, last)}"


def to_pytorch(architecture, name, values):
    """A tensor of Isthmus (HWIO kernels, [in, out] matrices) as its name and value in PyTorch."""
    if values.dim() == 4:
        values = values.permute(3, 2, 0, 1)
    elif name in architecture.flattened:
        h, w, c = architecture.flattened[name]
        values = values.reshape(h, w, c, -1).permute(3, 2, 0, 1).flatten(1)
    elif values.dim() == 2 and name not in kept(architecture):
        values = values.t()
    return pytorch_name(name), values.contiguous()


def to_isthmus(architecture, name, tensors):
    """The tensor of that name of Isthmus, from those of PyTorch: the way back."""
    values = tensors[pytorch_name(name)]
    if values.dim() == 4:
        return values.permute(2, 3, 1, 0)
    if name in architecture.flattened:
        h, w, c = architecture.flattened[name]
        return values.unflatten(1, (c, h, w)).permute(2, 3, 1, 0).flatten(0, 2)
    return values.t() if values.dim() == 2 and name not in kept(architecture) else values


def kept(architecture):
    """Matrices that are the same on both sides."""
    return getattr(architecture, "kept", ())


def converted(architecture, tensors, prefix):
    """The tensors whose names begin with the prefix, as PyTorch names them."""
    named = [(n[len(prefix) :], t) for n, t in tensors.items() if n.startswith(prefix)]
    return dict(to_pytorch(architecture, name, values) for name, values in named)


def load_model(name, tensors, prefix="weights/"):
    architecture = ARCHITECTURES[name]
    model = architecture()
    missing, unexpected = model.load_state_dict(converted(architecture, tensors, prefix), strict=False)
    missing = [m for m in missing if not m.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise ValueError(f"{name}: missing {missing}, unexpected {unexpected}")
    return model
