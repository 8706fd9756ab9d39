"""Any network of Isthmus in PyTorch: its layers as data, its tensors by the names that PyTorch gives them."""

import torch.nn.functional as F


def logits(layers, tensors, x, prefix=""):
    """x [batch, channels, height, width] in [0, 1] to logits [batch, classes]."""
    for layer in layers:
        kind, name = layer["kind"], prefix + layer.get("name", "")
        weight, bias = tensors.get(f"{name}.weight"), tensors.get(f"{name}.bias")
        if kind == "convolution":
            padding = layer.get("padding", (layer["size"] - 1) // 2)
            x = F.conv2d(x, weight, bias, layer.get("stride", 1), padding)
        elif kind == "dense":
            x = F.linear(x, weight, bias)
        elif kind == "batch-norm":
            x = F.batch_norm(x, tensors[f"{name}.running_mean"], tensors[f"{name}.running_var"], weight, bias)
        elif kind == "residual":
            branches = (layer["branch"], layer.get("shortcut", []))
            x = sum(logits(branch, tensors, x, f"{name}.") for branch in branches)
        elif kind == "normalise":
            mean, deviation = (x.new_tensor(layer[key]).view(-1, 1, 1) for key in ("mean", "deviation"))
            x = (x - mean) / deviation
        elif kind in ("max-pool", "average-pool"):
            x = (F.max_pool2d if kind == "max-pool" else F.avg_pool2d)(x, layer["size"], layer["stride"])
        elif kind == "pad-channels":
            x = F.pad(x, (0, 0, 0, 0, layer["before"], layer["after"]))
        elif kind == "leaky-relu":
            x = F.leaky_relu(x, layer.get("slope", 0.01))
        elif kind == "global-average-pool":
            x = x.mean((2, 3))
        elif kind in ("relu", "softplus", "tanh"):
            x = {"relu": F.relu, "softplus": F.softplus, "tanh": F.tanh}[kind](x)
        elif kind == "flatten":
            x = x.flatten(1)
        elif kind != "dropout":
            raise ValueError(f"unknown layer {kind}")
    return x
