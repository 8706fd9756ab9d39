/** Names and orders of axes in PyTorch's layout, and what is refused. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { modelLayers } from '../../../experiment/catalogue/models/index.js';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { weightsFor } from '../../../experiment/catalogue/models/weights.js';
import { parameterSize, type ParameterValues } from '../../../numerics/models/parameters.js';
import {
  fromPytorch,
  toPytorch,
  type NetworkShape,
  type PytorchTensor,
} from '../../../stores/formats/pytorch-layout.js';

/** Every value another. */
function numbered({ layers, shape, classes }: NetworkShape): ParameterValues {
  const { parameters, statistics } = weightsFor(layers, shape, classes);
  let next = 0;
  return new Map(
    [...parameters, ...statistics].map((spec) => [
      spec.name,
      Float32Array.from({ length: parameterSize(spec) }, () => next++),
    ]),
  );
}

/** Comparing a million values one by one takes seconds. */
const digests = (weights: ParameterValues) =>
  [...weights]
    .map(([name, values]) => `${name} ${createHash('sha256').update(values).digest('hex')}`)
    .sort();

const initial = 'he-normal';
/** 2 x 3 images of 2 channels: every axis has another size. */
const small: NetworkShape = {
  layers: [
    { kind: 'convolution', name: 'conv', filters: 4, size: 3, initial },
    { kind: 'batch-norm', name: 'bn' },
    { kind: 'flatten' },
    { kind: 'relu' },
    { kind: 'dense', name: 'fc', units: 5, initial },
    { kind: 'dense', name: 'last', units: 'classes', initial },
  ],
  shape: [2, 3, 2],
  classes: 7,
};

/** As akamaster/pytorch_resnet_cifar10 names its tensors. */
const published = { layers: modelLayers('resnet20'), shape: [32, 32, 3], classes: 10 };

/** The value at a place of a row-major array. */
function at({ shape, data }: PytorchTensor, ...index: number[]): number {
  return data[index.reduce((offset, i, axis) => offset * shape[axis]! + i, 0)]!;
}

test('axes are in the order of PyTorch', () => {
  const weights = numbered(small);
  const tensors = toPytorch(small, weights);
  const own = (name: string, shape: readonly number[], ...index: number[]) =>
    at({ shape, data: weights.get(name)! }, ...index);
  const conv = tensors.get('conv.weight')!;
  expect(conv.shape).toEqual([4, 2, 3, 3]);
  expect(at(conv, 3, 1, 0, 2)).toBe(own('conv.weight', [3, 3, 2, 4], 0, 2, 1, 3));
  const fc = tensors.get('fc.weight')!;
  expect(fc.shape).toEqual([5, 24]);
  // Channel 3, row 1, column 2 of an image [4, 2, 3].
  expect(at(fc, 4, (3 * 2 + 1) * 3 + 2)).toBe(own('fc.weight', [2, 3, 4, 5], 1, 2, 3, 4));
  const last = tensors.get('last.weight')!;
  expect(last.shape).toEqual([7, 5]);
  expect(at(last, 6, 1)).toBe(own('last.weight', [5, 7], 1, 6));
  expect([...tensors.get('bn.running_var')!.data]).toEqual([...weights.get('bn.variance')!]);
});

test('a residual network has the names of the published one', () => {
  const names = [...toPytorch(published, numbered(published)).keys()];
  const batchNorm = (name: string) =>
    ['weight', 'bias', 'running_mean', 'running_var'].map((what) => `${name}.${what}`);
  const block = (name: string) =>
    [1, 2].flatMap((i) => [`${name}.conv${i}.weight`, ...batchNorm(`${name}.bn${i}`)]);
  const blocks = [1, 2, 3].flatMap((s) => [0, 1, 2].flatMap((b) => block(`layer${s}.${b}`)));
  expect(names.sort()).toEqual(
    ['conv1.weight', ...batchNorm('bn1'), ...blocks, 'linear.weight', 'linear.bias'].sort(),
  );
});

test.each([
  ['small', small],
  ['resnet20', published],
  ['vgg16-thin', { ...published, layers: modelLayers('vgg16-thin') }],
  ['preresnet26', { ...published, layers: modelLayers('preresnet26') }],
])('there and back is the same: %s', (_, network) => {
  const weights = numbered(network);
  const tensors = toPytorch(network, weights);
  expect(digests(fromPytorch(network, tensors))).toEqual(digests(weights));
  const wrapped = new Map([...tensors].map(([name, tensor]) => [`module.${name}`, tensor]));
  wrapped.set('module.bn1.num_batches_tracked', { shape: [], data: Float32Array.of(64) });
  expect(digests(fromPytorch(network, wrapped))).toEqual(digests(weights));
});

test('what does not fit is refused by name', () => {
  const tensors = toPytorch(small, numbered(small));
  const refused = (change: (copy: Map<string, PytorchTensor>) => void) => {
    const copy = new Map(tensors);
    change(copy);
    return () => fromPytorch(small, copy);
  };
  expect(refused((t) => t.delete('fc.bias'))).toThrow('missing fc.bias');
  expect(refused((t) => t.set('head.weight', t.get('fc.weight')!))).toThrow(
    'left over head.weight',
  );
  const turned = { shape: [24, 5], data: tensors.get('fc.weight')!.data };
  expect(refused((t) => t.set('fc.weight', turned))).toThrow(
    "fc.weight is [24, 5], the network's is [5, 24]",
  );
  const bias = { shape: [5], data: Float32Array.of(0, 1, NaN, 3, 4) };
  expect(refused((t) => t.set('fc.bias', bias))).toThrow('fc.bias holds NaN at position 2');
});

test('names that only partly have the prefix of a wrapper keep it', () => {
  const layers: readonly LayerRecord[] = [
    { kind: 'flatten' },
    { kind: 'dense', name: 'module.fc', units: 3, initial },
    { kind: 'dense', name: 'fc', units: 'classes', initial },
  ];
  const network = { layers, shape: [1, 1, 2], classes: 2 };
  const weights = numbered(network);
  expect(fromPytorch(network, toPytorch(network, weights))).toEqual(weights);
});

test('an implicit layer keeps all of its weights, B in the order of PyTorch and its coupling as it is', () => {
  const layers: readonly LayerRecord[] = [
    { kind: 'flatten' },
    { kind: 'implicit', name: 'i', units: 4 },
    { kind: 'dense', name: 'last', units: 'classes', initial },
  ];
  const network = { ...small, layers };
  const weights = numbered(network);
  const tensors = toPytorch(network, weights);
  expect([...tensors.keys()].sort()).toEqual([...weights.keys()].sort());
  const own = (name: string, shape: readonly number[], ...index: number[]) =>
    at({ shape, data: weights.get(name)! }, ...index);
  expect(tensors.get('i.weight')!.shape).toEqual([4, 12]);
  // Channel 1, row 1, column 2 of an image [2, 2, 3].
  expect(at(tensors.get('i.weight')!, 3, (1 * 2 + 1) * 3 + 2)).toBe(
    own('i.weight', [2, 3, 2, 4], 1, 2, 1, 3),
  );
  expect(at(tensors.get('i.coupling')!, 1, 3)).toBe(own('i.coupling', [4, 4], 1, 3));
  expect(tensors.get('last.weight')!.shape).toEqual([7, 4]);
  expect(digests(fromPytorch(network, tensors))).toEqual(digests(weights));
});
