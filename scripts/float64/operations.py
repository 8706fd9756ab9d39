"""Expected values of the operations that `isthmus doctor` checks, in float64 with NumPy alone.

    python scripts/float64/operations.py > engine/check/expected.json

Inputs are those of engine/check/inputs.ts. Every operation is written out by its formula.
"""
import json
import sys

import numpy as np

POSITIONS = 40
EPSILON = 1e-5


def values(shape, stream):
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    return (((17 * i * i + 40503 * i + 9973 * stream) % 131071 - 65535) / 65536).reshape(shape)


def windows(x):
    """x [n, h, w, c] padded by one zero, as [n, h, w, 3, 3, c]."""
    padded = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    n, h, w, c = x.shape
    parts = [[padded[:, i : i + h, j : j + w] for j in range(3)] for i in range(3)]
    return np.stack([np.stack(row, axis=3) for row in parts], axis=3)


def convolution():
    x, kernel, g = values((8, 14, 14, 16), 1), values((3, 3, 16, 32), 2), values((8, 14, 14, 32), 3)
    yield "convolution", np.einsum("nhwijc,ijco->nhwo", windows(x), kernel)
    turned = kernel[::-1, ::-1]
    yield "convolution, image gradient", np.einsum("nhwijo,ijco->nhwc", windows(g), turned)
    yield "convolution, kernel gradient", np.einsum("nhwijc,nhwo->ijco", windows(x), g)


def batch_norm():
    x, scale, offset = values((8, 14, 14, 16), 1), values((16,), 2), values((16,), 3)
    g = values((8, 14, 14, 16), 4)
    axes = (0, 1, 2)
    deviation = np.sqrt(x.var(axis=axes) + EPSILON)
    normal = (x - x.mean(axis=axes)) / deviation
    yield "batch norm", scale * normal + offset
    centred = g - g.mean(axis=axes) - normal * (g * normal).mean(axis=axes)
    yield "batch norm, image gradient", scale / deviation * centred
    yield "batch norm, scale gradient", (g * normal).sum(axis=axes)
    yield "batch norm, offset gradient", g.sum(axis=axes)


def max_pooling():
    x, g = values((8, 14, 14, 16), 1), values((8, 7, 7, 16), 2)
    parts = x.reshape(8, 7, 2, 7, 2, 16)
    largest = parts.max(axis=(2, 4))
    at = parts == largest[:, :, None, :, None]
    assert (at.sum(axis=(2, 4)) == 1).all(), "equal maxima leave the gradient open"
    yield "max pooling", largest
    yield "max pooling, gradient", (at * g[:, :, None, :, None]).reshape(x.shape)


def cross_entropy():
    z, g = 8 * values((64, 10), 1), values((64,), 2)
    labels = np.eye(10)[np.arange(64) % 10]
    shifted = z - z.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    yield "softmax cross-entropy", -(labels * logs).sum(axis=1)
    yield "softmax cross-entropy, gradient", g[:, None] * (np.exp(logs) - labels)


def results():
    yield "matrix product", values((128, 257), 1) @ values((257, 96), 2)
    yield from convolution()
    yield from batch_norm()
    yield from max_pooling()
    yield from cross_entropy()


def summary(result):
    flat = result.ravel()
    count = min(POSITIONS, flat.size)
    positions = [int((k + 0.5) * flat.size / count) for k in range(count)]
    return {
        "size": flat.size,
        "largest": float(np.abs(flat).max()),
        "norm": float(np.sqrt((flat**2).sum())),
        "positions": positions,
        "values": [float(flat[p]) for p in positions],
    }


json.dump({name: summary(result) for name, result in results()}, sys.stdout)
sys.stdout.write("\n")
