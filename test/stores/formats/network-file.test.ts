/** Files of weights that other programs wrote: what is read, and what is refused in one line. */
import { expect, test } from 'vitest';
import { modelLayers } from '../../../experiment/catalogue/models/index.js';
import { weightsFor } from '../../../experiment/catalogue/models/weights.js';
import { FormatError } from '../../../stores/formats/format-error.js';
import { readNetwork } from '../../../stores/formats/network-file.js';
import { toPytorch, type NetworkShape } from '../../../stores/formats/pytorch-layout.js';
import { encodeSafetensors } from '../../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../../stores/formats/tensors.js';
import { encodeWeights } from '../../../stores/formats/weights-file.js';

const network: NetworkShape = { layers: modelLayers('lenet300'), shape: [3, 2, 1], classes: 4 };
const specs = weightsFor(network.layers, network.shape, network.classes).parameters;
const weights = new Map(
  specs.map(({ name, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    return [name, Float32Array.from({ length: size }, (_, i) => Math.sin(i))];
  }),
);

function pytorchFile(change: (tensors: Map<string, StoredTensor>) => void = () => undefined) {
  const tensors = new Map<string, StoredTensor>(
    [...toPytorch(network, weights)].map(([name, tensor]) => [name, { dtype: 'F32', ...tensor }]),
  );
  change(tensors);
  return encodeSafetensors(tensors, {});
}

test('both layouts give the same weights', () => {
  expect(readNetwork(pytorchFile(), 'pytorch', network)).toEqual(weights);
  const own = encodeWeights('lenet300', specs, new Map([['', weights]]));
  expect(readNetwork(own, 'tensorflow', network)).toEqual(weights);
});

test('the other layout is refused by name', () => {
  expect(() => readNetwork(pytorchFile(), 'tensorflow', network)).toThrow(
    "fc1.weight is [300, 6], the network's is [6, 300]",
  );
});

test('counters of batches, integers, are left out', () => {
  const counter: StoredTensor = { dtype: 'I64', shape: [1], data: BigInt64Array.of(7n) };
  const file = pytorchFile((tensors) => tensors.set('bn1.num_batches_tracked', counter));
  expect(readNetwork(file, 'pytorch', network)).toEqual(weights);
});

test.each([
  ['pickle', Uint8Array.of(0x80, 0x02, 0x8a, 0x0a)],
  ['zip of a pickle', Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 0, 0)],
])('a %s is refused with the lines of Python that convert it', (_, bytes) => {
  const refused = () => readNetwork(bytes, 'pytorch', network);
  expect(refused).toThrow(FormatError);
  expect(refused).toThrow(/weights_only=True\)\n.*save_file/);
});

test.each([
  [
    'fc1.bias is F64; save float32',
    (tensors: Map<string, StoredTensor>) =>
      tensors.set('fc1.bias', { dtype: 'F64', shape: [300], data: new Float64Array(300) }),
  ],
  [
    'fc3.bias holds Infinity at position 1',
    (tensors: Map<string, StoredTensor>) =>
      tensors.set('fc3.bias', {
        ...{ dtype: 'F32', shape: [4], data: Float32Array.of(0, Infinity, 0, 0) },
      }),
  ],
  ['missing fc2.weight', (tensors: Map<string, StoredTensor>) => tensors.delete('fc2.weight')],
])('refused: %s', (message, change) => {
  const refused = () => readNetwork(pytorchFile(change), 'pytorch', network);
  expect(refused).toThrow(FormatError);
  expect(refused).toThrow(message);
});
