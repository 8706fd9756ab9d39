/** Zero channels: those that are said to be removable are cut out without a trace, others are not; scale before batch norm. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { kernelSites, soleReaders } from '../../../experiment/catalogue/models/kernel-sites.js';
import { modelLayers } from '../../../experiment/catalogue/models/index.js';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { network } from '../../../numerics/models/network.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { weightSpecs, type Model } from '../../../numerics/models/model.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { unread, zeroShares } from '../../../numerics/quantisation/measures.js';
import { stream } from '../../../numerics/random.js';
import { difference, expectNoLeaks } from '../engine.js';

expectNoLeaks();

const initial = 'he-normal';
const layers = (filters: number): readonly LayerRecord[] => [
  { kind: 'convolution', name: 'one', filters, size: 3, initial },
  { kind: 'batch-norm', name: 'bn' },
  { kind: 'max-pool', size: 2, stride: 2 },
  { kind: 'relu' },
  { kind: 'convolution', name: 'two', filters: 5, size: 3, initial },
  { kind: 'relu' },
  { kind: 'flatten' },
  { kind: 'dense', name: 'out', units: 'classes', initial },
];
const build = (filters: number) =>
  network({ name: 'tiny', layers: layers(filters), shape: [8, 8, 2], classes: 3 });
const kernels = ['one.weight', 'two.weight', 'out.weight'];

type Values = Map<string, Float32Array>;

function drawn(model: Model): Values {
  const generator = stream(3, 'init', 0);
  const values: Values = new Map(model.initial(generator));
  for (const { name, shape } of weightSpecs(model)) {
    if (values.has(name) && !name.endsWith('bias') && !name.startsWith('bn')) continue;
    const size = shape.reduce((a, b) => a * b, 1);
    values.set(
      name,
      Float32Array.from({ length: size }, (_, i) => 0.5 + ((7 * i) % 5) / 10),
    );
  }
  return values;
}

/** Without channel `cut` of the first convolution. */
function without(values: Values, cut: number): Values {
  const drop = (name: string, axis: number, shape: readonly number[]) => {
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    return values.get(name)!.filter((_, i) => Math.floor(i / inner) % shape[axis]! !== cut);
  };
  return new Map([
    ...values,
    ['one.weight', drop('one.weight', 3, [3, 3, 2, 4])],
    ['one.bias', drop('one.bias', 0, [4])],
    ...['gamma', 'beta', 'mean', 'variance'].map(
      (part) => [`bn.${part}`, drop(`bn.${part}`, 0, [4])] as const,
    ),
    ['two.weight', drop('two.weight', 2, [3, 3, 4, 5])],
  ]);
}

function logits(model: Model, values: Values): tf.Tensor {
  const images = tf.randomUniform([6, 8, 8, 2], 0, 1, 'float32', 2);
  return model.apply(toTensors(weightSpecs(model), values), images);
}

describe('channels that can be cut out', () => {
  const [whole, cut] = [build(4), build(3)];
  const values = drawn(whole);
  // The second convolution does not read channel 2.
  values.set('two.weight', values.get('two.weight')!.map((w, i) => (Math.floor(i / 5) % 4 === 2 ? 0 : w))); // prettier-ignore

  test('are those of which the only reader has zeros alone', () => {
    const readers = soleReaders(whole.layers!);
    expect(readers).toEqual([
      { producer: 'one', reader: 'two' },
      { producer: 'two', reader: 'out' },
    ]);
    const found = zeroShares(whole.parameters, values, kernels, readers);
    // 1 of 4 and 0 of 5; of the inputs 1 of 2 + 4 + 80.
    expect(found.removableChannels).toBeCloseTo(1 / 9, 12);
    expect(found.inputChannels).toBeCloseTo(1 / 86, 12);
    expect(found.outputChannels).toBe(0);
    expect(found.weights).toBeCloseTo(45 / (72 + 180 + 240), 12);
    const kernel = { shape: [3, 3, 4, 5], data: values.get('two.weight')! };
    expect(unread(kernel, 4)).toEqual([false, false, true, false]);
  });

  test('leave the logits as they are; another channel does not', () => {
    tf.tidy(() => {
      const expected = logits(whole, values);
      expect(difference(logits(cut, without(values, 2)), expected)).toBeLessThan(1e-5);
      expect(difference(logits(cut, without(values, 1)), expected)).toBeGreaterThan(1e-2);
    });
  });

  test('of a dense layer behind a flattened image are read at every pixel', () => {
    const flat = drawn(whole);
    flat.set('out.weight', flat.get('out.weight')!.map((w, i) => (Math.floor(i / 3) % 5 === 4 ? 0 : w))); // prettier-ignore
    const found = zeroShares(whole.parameters, flat, kernels, soleReaders(whole.layers!));
    expect(found.removableChannels).toBeCloseTo(1 / 9, 12);
    flat.get('out.weight')![4 * 3] = 1;
    const less = zeroShares(whole.parameters, flat, kernels, soleReaders(whole.layers!));
    expect(less.removableChannels).toBe(0);
  });

  test('of a filter of zeros are counted as outputs', () => {
    const silent = drawn(whole);
    silent.set('one.weight', silent.get('one.weight')!.map((w, i) => (i % 4 === 0 ? 0 : w))); // prettier-ignore
    const found = zeroShares(whole.parameters, silent, ['one.weight'], soleReaders(whole.layers!));
    expect(found.outputChannels).toBe(1 / 4);
    expect(found.removableChannels).toBeNull();
  });
});

test('only the first convolution of a residual block has a sole reader; shortcuts are known as such', () => {
  const block = soleReaders(modelLayers('preresnet26')).filter(({ producer }) =>
    producer.startsWith('layer2.0.'),
  );
  expect(block).toEqual([{ producer: 'layer2.0.conv1', reader: 'layer2.0.conv2' }]);
  const shortcuts = kernelSites(modelLayers('preresnet26')).filter(({ isShortcut }) => isShortcut);
  expect(shortcuts.map(({ name }) => name)).toEqual(['layer2.0.downsample', 'layer3.0.downsample']);
});

test('a positive scale before a batch norm is not seen in training, a negative one is', () => {
  tf.tidy(() => {
    const model = modelFor('preresnet26', [32, 32, 3], 10);
    const w = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
    const images = tf.randomUniform([4, 32, 32, 3], 0, 1, 'float32', 1);
    const training = { drop: (x: tf.Tensor) => x, observe: () => undefined };
    const scaledBy = (scale: number, scaled: string) => {
      const own = w.map((one, i) =>
        model.parameters[i]!.name === scaled ? tf.mul(one, scale) : one,
      );
      return model.train!(own, images, training);
    };
    const before = 'layer1.0.conv1.weight';
    const expected = scaledBy(1, before);
    // The constant beside the variance is 1e-5.
    expect(difference(scaledBy(3, before), expected)).toBeLessThan(1e-3);
    expect(difference(scaledBy(-3, before), expected)).toBeGreaterThan(0.03);
    // It adds to a residual sum, which no batch norm follows at once.
    expect(difference(scaledBy(3, 'layer1.0.conv2.weight'), expected)).toBeGreaterThan(0.03);
  });
});
