/** Batch norm that is part of a convolution: the same network as layer by layer, its gradients too. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { foldBatchNorm } from '../../../numerics/models/fold-batch-norm.js';
import { weightSpecs } from '../../../numerics/models/model.js';
import { network } from '../../../numerics/models/network.js';
import { difference, expectNoLeaks } from '../engine.js';

expectNoLeaks();

const initial = 'he-normal';
const convolution = (name: string, bias: boolean): LayerRecord => {
  return { kind: 'convolution', name, filters: 4, size: 3, bias, initial };
};
const norm = (name: string): LayerRecord => ({ kind: 'batch-norm', name });

const layers: readonly LayerRecord[] = [
  convolution('first', true),
  norm('bn0'),
  {
    kind: 'residual',
    name: 'block',
    branch: [norm('bn1'), { kind: 'relu' }, convolution('inner', false), norm('bn2')],
  },
  { kind: 'flatten' },
  { kind: 'dense', name: 'fc', units: 'classes', initial },
];

const model = network({ name: 'preresnet26', layers, shape: [4, 4, 2], classes: 3 });
const names = weightSpecs(model).map(({ name }) => name);

/** Layer by layer, as the formula of batch norm has it. */
function reference(weights: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor {
  const weight = (name: string): tf.Tensor => weights[names.indexOf(name)]!;
  const normalise = (value: tf.Tensor, at: string) => {
    const deviation = tf.sqrt(tf.add(weight(`${at}.variance`), 1e-5));
    const standard = tf.div(tf.sub(value, weight(`${at}.mean`)), deviation);
    return tf.add(tf.mul(standard, weight(`${at}.gamma`)), weight(`${at}.beta`));
  };
  const convolve = (value: tf.Tensor, at: string) =>
    tf.conv2d(value as tf.Tensor4D, weight(`${at}.weight`) as tf.Tensor4D, 1, 'same');
  const first = normalise(tf.add(convolve(x, 'first'), weight('first.bias')), 'bn0');
  const inner = normalise(
    convolve(tf.relu(normalise(first, 'block.bn1')), 'block.inner'),
    'block.bn2',
  );
  const features = tf.add(inner, first).reshape([x.shape[0], -1]);
  return tf.add(tf.matMul(features, weight('fc.weight')), weight('fc.bias'));
}

function randomWeights(): tf.Tensor[] {
  return weightSpecs(model).map(({ name, shape }, i) =>
    name.endsWith('variance')
      ? tf.randomUniform([...shape], 0.5, 2, 'float32', i + 1)
      : tf.randomNormal([...shape], 0.3, 1, 'float32', i + 1),
  );
}

describe('batch norm after a convolution', () => {
  test('leaves the layers; before one it stays', () => {
    const { layers: folded, batchNorms } = foldBatchNorm(layers);
    expect([...batchNorms]).toEqual([
      ['first', 'bn0'],
      ['block.inner', 'block.bn2'],
    ]);
    const block = folded[1]!;
    expect(block.kind === 'residual' && block.branch.map(({ kind }) => kind)).toEqual([
      ...['batch-norm', 'relu', 'convolution'],
    ]);
  });

  test('gives the logits and gradients of the formula; with other statistics it does not', () => {
    tf.tidy(() => {
      const weights = randomWeights();
      const x = tf.randomNormal([3, 4, 4, 2], 0, 1, 'float32', 99);
      const of = (f: typeof reference) =>
        tf.valueAndGrads((...all: tf.Tensor[]) => tf.sum(tf.sin(f(all.slice(1), all[0]!))))([
          x,
          ...weights,
        ]);
      const [found, expected] = [of((w, images) => model.apply([...w], images)), of(reference)];
      expect(difference(found.value, expected.value)).toBeLessThan(1e-4);
      found.grads.forEach((gradient, i) => {
        const scale = Math.max(1, tf.max(tf.abs(expected.grads[i]!)).dataSync()[0]!);
        expect(difference(gradient, expected.grads[i]!) / scale).toBeLessThan(1e-4);
      });
      const others = weights.map((w, i) => (names[i] === 'bn0.mean' ? tf.add(w, 0.1) : w));
      const [a, b] = [weights, others].map((w) => model.apply(w, x));
      expect(difference(a!, b!)).toBeGreaterThan(1e-2);
    });
  });
});
