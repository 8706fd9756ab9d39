/** Weights of a network from a safetensors file that another program wrote. */
import { weightsFor } from '../../experiment/catalogue/models/weights.js';
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
import type { NamedShape } from './weights-file.js';

/** One without layers has no names and axes of PyTorch's. */
export type ReadableNetwork = NetworkShape | { readonly tensors: readonly NamedShape[] };

/** Parameters and statistics by our names, in our layout. Throws a FormatError at the first mistake, by name. */
export function readNetwork(
  bytes: Uint8Array,
  layout: WeightLayout,
  network: ReadableNetwork,
): ReadonlyMap<string, Float32Array> {
  refusePickle(bytes);
  const { tensors } = decodeSafetensors(bytes);
  const given = floats(tensors);
  switch (layout) {
    case 'pytorch':
      if ('layers' in network) return fromPytorch(network, given);
      throw new FormatError('a network without layers has no layout of PyTorch; use tensorflow');
    case 'tensorflow':
      return fromTensorflow(namedShapes(network), given);
    default:
      throw new Error(`unknown layout ${String(layout satisfies never)}`);
  }
}

function namedShapes(network: ReadableNetwork): readonly NamedShape[] {
  if ('tensors' in network) return network.tensors;
  const { parameters, statistics } = weightsFor(network.layers, network.shape, network.classes);
  return [...parameters, ...statistics];
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
