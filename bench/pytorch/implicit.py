"""Implicit layers in PyTorch: fixed points by the averaged iteration, with the exact adjoint by as many steps."""

import torch
from torch import nn
from torch.nn import functional as F

ITERATIONS = 50
MEAN, DEVIATION = 0.1307, 0.3081


class FixedPoint(torch.autograd.Function):
    """x = relu(x A^T + v) for every row of v, from A [n, n] and v [batch, n]."""

    @staticmethod
    def forward(ctx, matrix, offset):
        steps = step_sizes(matrix)
        x = torch.zeros_like(offset)
        for _ in range(ITERATIONS):
            x.lerp_(torch.addmm(offset, x, matrix.t()).relu_(), steps)
        slope = (torch.addmm(offset, x, matrix.t()) > 0).to(x.dtype)
        ctx.save_for_backward(matrix, x, slope, steps)
        return x

    @staticmethod
    def backward(ctx, upstream):
        matrix, x, slope, steps = ctx.saved_tensors
        w = upstream.clone()
        for _ in range(ITERATIONS):
            w.lerp_(torch.addmm(upstream, slope * w, matrix), steps)
        q = slope * w
        return q.t() @ x, q


def step_sizes(matrix):
    return 1 / (1 - matrix.diagonal().clamp(max=0))


def embedded(matrix):
    """The matrix of the network of lower and upper bounds."""
    falling = matrix.clamp(max=0)
    falling = falling - torch.diag(falling.diagonal())
    rising = matrix - falling
    return torch.cat((torch.cat((rising, falling), 1), torch.cat((falling, rising), 1)))


class Nemon(nn.Module):
    flattened = {}
    # A square matrix whose row i acts on unit i on both sides.
    kept = {"implicit1.coupling"}

    def __init__(self):
        super().__init__()
        self.implicit1 = nn.Linear(784, 100)
        for name, shape in (("coupling", (100, 100)), ("scaling", (100,)), ("damping", (100,))):
            self.implicit1.register_parameter(name, nn.Parameter(torch.zeros(shape)))
        self.fc1 = nn.Linear(100, 10)

    def matrix(self):
        layer = self.implicit1
        d = layer.scaling.exp()
        diagonal = layer.coupling.abs().sum(1) + layer.damping.square()
        return layer.coupling * d / d[:, None] - torch.diag(diagonal)

    def forward(self, images):
        offset = self.implicit1(normalised(images))
        return self.fc1(FixedPoint.apply(self.matrix(), offset))

    def worst_margins(self, images, labels, epsilon):
        """Lower bounds of z_y - z_j within epsilon and the pixel range, 0 at the class itself."""
        low = normalised((images - epsilon).clamp(min=0))
        high = normalised((images + epsilon).clamp(max=1))
        layer = self.implicit1
        middle = F.linear((low + high) / 2, layer.weight, layer.bias)
        radius = F.linear((high - low) / 2, layer.weight.abs())
        entering = torch.cat((middle - radius, middle + radius), 1)
        lower, upper = FixedPoint.apply(embedded(self.matrix()), entering).chunk(2, 1)
        rows = self.fc1.weight[labels][:, None] - self.fc1.weight
        biases = self.fc1.bias[labels][:, None] - self.fc1.bias
        centre, spread = (lower + upper) / 2, (upper - lower) / 2
        return (
            torch.einsum("bjn,bn->bj", rows, centre)
            - torch.einsum("bjn,bn->bj", rows.abs(), spread)
            + biases
        )


def normalised(images):
    return (images.flatten(1) - MEAN) / DEVIATION
