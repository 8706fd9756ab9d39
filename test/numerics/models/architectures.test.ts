/**
 * Architectures as data: what follows from their layers. Digests hold the names, shapes and order of all tensors, by which
 * checkpoints are read, and the values that a seed draws.
 */
import { createHash, type Hash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  hasLayer,
  modelNames,
  modelSize,
  modelWeights,
  widestConvolution,
  type ModelName,
} from '../../../experiment/catalogue/models/index.js';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { weightsFor } from '../../../experiment/catalogue/models/weights.js';
import { network } from '../../../numerics/models/network.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { stream } from '../../../numerics/random.js';
import { expectNoLeaks } from '../engine.js';

expectNoLeaks();

const colour = [32, 32, 3] as const;

interface Facts {
  /** Digest of the names and shapes, in order: parameters, statistics. */
  readonly tensors: readonly [string, string];
  readonly count: number;
  /** Values of running statistics: two for each channel of a batch norm. */
  readonly statistics: number;
  readonly widest: number;
}

const none = '4f53cda18c2baa0c';
const facts: Readonly<Record<ModelName, Facts>> = {
  'cnn-small': {
    ...{ tensors: ['5cd0955dc5771ffb', none], count: 210_998, statistics: 0, widest: 32 },
  },
  convfc: {
    ...{ tensors: ['cb312d94a77426fd', none], count: 2_422_634, statistics: 0, widest: 128 },
  },
  mlp: { tensors: ['11154eccd6bd6fe8', none], count: 855_050, statistics: 0, widest: 0 },
  lenet300: { tensors: ['559a720f1e6c2bfb', none], count: 953_010, statistics: 0, widest: 0 },
  lenet5: { tensors: ['cd5de888bd45285b', none], count: 657_080, statistics: 0, widest: 50 },
  'vgg16-thin': { tensors: ['a8f957ceca322279', none], count: 955_098, statistics: 0, widest: 128 },
  resnet20: {
    tensors: ['529c99dae4f878ab', '8d31b5ebe9b957e1'],
    ...{ count: 269_722, statistics: 1_376, widest: 64 },
  },
  resnet32: {
    tensors: ['3a1c10dbcf41c8aa', '755caebb2e31e765'],
    ...{ count: 464_154, statistics: 2_272, widest: 64 },
  },
  resnet44: {
    tensors: ['da2153cb706112a3', '66961551206398cf'],
    ...{ count: 658_586, statistics: 3_168, widest: 64 },
  },
  resnet56: {
    tensors: ['9b8637b3290aa98b', '7d3ff2d937f89206'],
    ...{ count: 853_018, statistics: 4_064, widest: 64 },
  },
  resnet110: {
    tensors: ['9711fc3938315f8c', '54753042cd459095'],
    ...{ count: 1_727_962, statistics: 8_096, widest: 64 },
  },
  vgg16: { tensors: ['9a9a1bc6537d6375', none], count: 15_245_130, statistics: 0, widest: 512 },
  'vgg16-bn': {
    tensors: ['93a717d510bb0fa5', 'ea15a852a2c594d8'],
    ...{ count: 15_253_578, statistics: 8_448, widest: 512 },
  },
  preresnet26: {
    tensors: ['81b03dc4e9f751f8', '0a384406218966d2'],
    ...{ count: 369_498, statistics: 1_824, widest: 64 },
  },
  preresnet110: {
    tensors: ['c7ec103924ce18de', 'aa190464435a00ca'],
    ...{ count: 1_146_842, statistics: 16_160, widest: 256 },
  },
  preresnet164: {
    tensors: ['35708d98713035df', '50cd6bf51fe9764c'],
    ...{ count: 1_703_258, statistics: 24_224, widest: 256 },
  },
  wrn28x10: {
    tensors: ['22541279c8a28032', '5e6d3c53fda72c63'],
    ...{ count: 36_489_290, statistics: 17_952, widest: 640 },
  },
  nemon: { tensors: ['10b5e6c2d277d0d0', none], count: 318_510, statistics: 0, widest: 0 },
};

function digest(add: (hash: Hash) => void): string {
  const hash = createHash('sha256');
  add(hash);
  return hash.digest('hex').slice(0, 16);
}

describe.each(modelNames)('the layers of %s', (name) => {
  const { parameters, statistics, shape } = modelWeights(name, colour, 10);
  const expected = facts[name];

  test('give tensors of the same names and shapes as ever, in the same order', () => {
    const specs = parameters.map((one) => ({ name: one.name, shape: one.shape }));
    const found = [specs, statistics].map((list) =>
      digest((hash) => hash.update(JSON.stringify(list))),
    );
    expect(found).toEqual(expected.tensors);
    expect(shape).toEqual([10]);
  });

  test('give their published counts', () => {
    const { count, statistics: extra, widest } = expected;
    expect(modelSize(name, colour, 10)).toEqual({ parameters: count, bytes: 4 * (count + extra) });
    expect(widestConvolution(name)).toBe(widest);
    expect(hasLayer(name, 'batch-norm')).toBe(extra > 0);
    expect(hasLayer(name, 'dropout')).toBe(name.startsWith('vgg16'));
  });
});

test.each([
  ['cnn-small', 'e302a4134cae7e08'],
  ['convfc', '4ece06667f4f340b'],
  ['preresnet26', 'bfaa683e7eb35481'],
] as const)('%s begins with the same values as ever', (name, expected) => {
  const drawn = modelFor(name, colour, 10).initial(stream(1, 'init', 0));
  expect(digest((hash) => drawn.forEach((values, key) => hash.update(key).update(values)))).toBe(
    expected,
  );
});

describe('shape inference', () => {
  const conv = (size: number, stride: number, padding?: number): LayerRecord => ({
    ...{ kind: 'convolution', name: `${size}.${stride}`, filters: 2, size, stride },
    ...(padding === undefined ? {} : { padding }),
    initial: 'he-normal',
  });

  test.each([
    ['the same side', [conv(3, 1)]],
    ['a halved side, rounded up', [conv(3, 2)]],
    ['an even kernel', [conv(2, 1, 0)]],
    ['more padding than usual', [conv(3, 2, 3)]],
    ['overlapping windows', [conv(1, 1), { kind: 'max-pool', size: 3, stride: 2 }]],
    [
      'a residual block',
      [{ kind: 'residual', name: 'b', branch: [conv(1, 2)], shortcut: [conv(3, 2)] }],
    ],
  ] as const satisfies readonly (readonly [string, readonly LayerRecord[]])[])(
    'agrees with the forward pass: %s',
    (_what, layers) => {
      for (const side of [7, 8]) {
        const shape = [side, side, 1] as const;
        const model = network({ name: 'mlp', layers, shape, classes: 2 });
        tf.tidy(() => {
          const weights = model.parameters.map((spec) => tf.ones([...spec.shape]));
          const output = model.apply(weights, tf.ones([1, ...shape]));
          expect(output.shape.slice(1)).toEqual(weightsFor(layers, shape, 2).shape);
        });
      }
    },
  );

  test('refuses layers that do not fit together, with the place', () => {
    const dense = { kind: 'dense', name: 'fc', units: 'classes', initial: 'he-normal' } as const;
    const refused = (layers: readonly LayerRecord[]) => () => weightsFor(layers, colour, 10);
    expect(refused([dense])).toThrow('fc takes features, not 32 x 32 x 3: flatten them first');
    expect(refused([{ kind: 'flatten' }, conv(3, 1)])).toThrow(
      '3.1 takes images, not 3072 features',
    );
    expect(refused([conv(2, 1)])).toThrow('2.1: kernels of an even size need a padding');
    expect(refused([conv(3, 1), conv(3, 1)])).toThrow('two tensors are called 3.1.weight');
    expect(refused([conv(33, 1, 0)])).toThrow('a window of 33 pixels does not fit into 32');
    const halved: LayerRecord = { kind: 'residual', name: 'block', branch: [conv(3, 2)] };
    expect(refused([halved])).toThrow(
      'block: the branch gives 16 x 16 x 2, the shortcut 32 x 32 x 3',
    );
  });
});

/** Compiled, never run: a line without the error that it expects is an error itself. */
export const forgotten: readonly LayerRecord[] = [
  // @ts-expect-error a layer of no known kind
  { kind: 'spectral-norm', name: 'sn' },
  // @ts-expect-error a dense layer without its outputs
  { kind: 'dense', name: 'fc', initial: 'he-normal' },
  // @ts-expect-error a convolution without its initialisation
  { kind: 'convolution', name: 'conv', filters: 3, size: 3 },
];

// @ts-expect-error a network that is not in the list has no name
export const unlisted: ModelName = 'not-listed';
