/** Weights of a network from a safetensors file that another program wrote. */
import type { WeightLayout } from '../../experiment/config/imported.js';
import { FormatError } from './format-error.js';
import {
  fromPytorch,
  fromTensorflow,
  type NetworkShape,
  type PytorchTensor,
} from './pytorch-layout.js';
import { decodeSafetensors } from './safetensors.js';
import type { StoredTensor } from './tensors.js';

const readers = { pytorch: fromPytorch, tensorflow: fromTensorflow } as const satisfies Record<
  WeightLayout,
  unknown
>;

/** Parameters and statistics by our names, in our layout. Throws a FormatError at the first mistake, by name. */
export function readNetwork(
  bytes: Uint8Array,
  layout: WeightLayout,
  network: NetworkShape,
): ReadonlyMap<string, Float32Array> {
  refusePickle(bytes);
  const { tensors } = decodeSafetensors(bytes);
  return readers[layout](network, floats(tensors));
}

const pickleProtocol = 0x80;
const zip = [0x50, 0x4b, 0x03, 0x04];

/** Unpickling runs code of the file: only Python does that, if its user wants it. */
function refusePickle(bytes: Uint8Array): void {
  const isPickle = bytes[0] === pickleProtocol && bytes[1]! <= 5;
  if (!isPickle && !zip.every((byte, at) => bytes[at] === byte)) return;
  throw new FormatError(
    `a pickle of PyTorch, which can run code; convert it in Python:
  import torch, safetensors.torch
  saved = torch.load("FILE", map_location="cpu", weights_only=True)
  safetensors.torch.save_file({k: v.contiguous() for k, v in saved.get("state_dict", saved).items()}, "FILE.safetensors")`,
  );
}

/** Counters of batches, which are integers, are left to the layout to leave out. */
function floats(tensors: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, PytorchTensor> {
  return new Map(
    [...tensors].map(([name, { dtype, shape, data }]) => {
      if (data instanceof Float32Array) return [name, { shape, data }];
      if (name.endsWith('.num_batches_tracked')) return [name, { shape, data: new Float32Array() }];
      throw new FormatError(`${name} is ${dtype}; save float32 (tensor.float())`);
    }),
  );
}
