"""Reads and writes safetensors files: u64 header length, JSON header, packed little-endian data."""

import json
import struct

import torch

DTYPES = {"U8": torch.uint8, "I32": torch.int32, "F32": torch.float32, "F64": torch.float64}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def load(path):
    with open(path, "rb") as file:
        content = bytearray(file.read())
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    start = 8 + length
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(content[start + begin : start + end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def save(path, tensors):
    """The largest elements first, so that each lies at a multiple of its size."""
    ordered = sorted(tensors.items(), key=lambda item: -item[1].element_size())
    header, parts, offset = {}, [], 0
    for name, tensor in ordered:
        data = bytes(tensor.contiguous().flatten().view(torch.uint8).tolist())
        offsets = [offset, offset + len(data)]
        dtype, shape = NAMES[tensor.dtype], list(tensor.shape)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": offsets}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
