"""Reads a safetensors file into tensors: u64 header length, JSON header, packed little-endian data."""

import json
import struct

import torch

DTYPES = {"U8": torch.uint8, "I32": torch.int32, "F32": torch.float32, "F64": torch.float64}


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
