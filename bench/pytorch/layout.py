"""How a script lays out its tensors in memory: plain as most scripts do it, tuned as is fastest on a CPU."""

import torch


def strided_channels_last(x):
    """
    The same values with the strides of channels_last. `contiguous(memory_format=channels_last)` leaves one-channel
    images and kernels as they are, since both formats describe them, and PyTorch then takes the slower path.
    """
    n, c, h, w = x.shape
    result = torch.empty_strided(x.shape, (h * w * c, 1, w * c, c), dtype=x.dtype)
    result.copy_(x)
    return result


def force_channels_last(x):
    """The same, for gradients to pass through; one channel needs other strides, not other bytes."""
    n, c, h, w = x.shape
    if c == 1:
        return x.as_strided(x.shape, (h * w, 1, w, 1))
    return x.contiguous(memory_format=torch.channels_last)


def channels_last(x, variant):
    if variant == "tuned":
        return strided_channels_last(x)
    return x.contiguous(memory_format=torch.channels_last)


def model_channels_last(model, variant):
    model = model.to(memory_format=torch.channels_last)
    if variant == "tuned":
        for parameter in model.parameters():
            if parameter.dim() == 4:
                parameter.data = strided_channels_last(parameter.data)
    return model


class ResidentImages:
    """A data set as bytes that stay in memory; batches are scaled to [0, 1]."""

    def __init__(self, pixels, labels, variant):
        # pixels [n, h, w, c]: as [n, c, h, w] with the strides that the variant gives a batch.
        nchw = pixels.permute(0, 3, 1, 2)
        self.pixels = nchw.contiguous() if variant == "plain" else pixels
        self.labels = labels.long()
        self.variant = variant

    def __len__(self):
        return len(self.labels)

    def batch(self, index):
        chosen = self.pixels[index]
        if self.variant == "tuned":
            images = chosen.float().mul_(1 / 255).permute(0, 3, 1, 2)
        else:
            images = channels_last(chosen.float().div_(255), self.variant)
        return images, self.labels[index]
