"""Logits in float64 of the network in a safetensors file, as JSON: python3 reference_logits.py LAYERS.json FILE"""

import json
import sys

import torch

import safetensors
from rebuild import logits


def main(layers, path):
    tensors = {name: values.double() for name, values in safetensors.load(path).items()}
    images = tensors.pop("images")
    with open(layers) as file, torch.no_grad():
        print(json.dumps(logits(json.load(file), tensors, images).tolist()))


main(*sys.argv[1:])
