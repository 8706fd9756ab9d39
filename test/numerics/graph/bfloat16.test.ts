import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { capture } from '../../../numerics/graph/capture.js';
import { bfloat16Host, inBfloat16 } from '../../../numerics/graph/bfloat16.js';
import { compile, compileGraph, type GraphHost } from '../../../numerics/graph/compile.js';
import type { GraphNode } from '../../../numerics/graph/graph.js';
import { inFloat32 } from '../../../numerics/graph/in-float32.js';
import { crossEntropies } from '../../../numerics/losses/cross-entropy.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { lossAndGradients } from '../../../numerics/losses/training-loss.js';
import { weightDecay } from '../../../numerics/optimise/transforms.js';
import { expectNoLeaks, host } from '../engine.js';

expectNoLeaks();

const model = modelFor('cnn-small', [28, 28, 1], 10);
const n = model.parameters.length;

function inputs(): tf.Tensor[] {
  const images = tf.randomUniform([16, 28, 28, 1], 0, 1, 'float32', 3);
  const labels = tf.tidy(() =>
    tf
      .oneHot(
        tf.tensor1d(
          [...Array(16).keys()].map((i) => i % 10),
          'int32',
        ),
        10,
      )
      .toFloat(),
  );
  return [
    ...toTensors(model.parameters, model.initial(stream(1, 'init', 0))),
    ...[images, labels, tf.ones([16])],
  ];
}

/** Logits, then the gradients of the batch's loss in the weights. */
function gradients(...args: tf.Tensor[]): tf.Tensor[] {
  const [images, labels, weights] = args.slice(n) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const batch = { images, labels, weights };
  const { gradients: found } = lossAndGradients(model, args.slice(0, n), batch);
  return [model.apply(args.slice(0, n), images), ...found];
}

function on(h: GraphHost, f: (...args: tf.Tensor[]) => tf.Tensor[]): Float32Array[] {
  const args = inputs();
  const compiled = compile(h, f, args);
  const outputs = compiled(...args);
  const found = outputs.map((output) => output.dataSync<'float32'>());
  compiled.dispose();
  tf.dispose([...args, ...outputs]);
  return found;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Ops that compute in bfloat16 after the rewrite. */
function loweredOps(nodes: readonly GraphNode[]): string[] {
  return inBfloat16(nodes).nodes.flatMap((node) =>
    node.kind === 'op' && node.attributes.some(({ name, value }) => name === 'T' && value === 14)
      ? [node.op]
      : [],
  );
}

describe('bfloat16', () => {
  test('gives logits and gradients near those of float32, but not the same', () => {
    const [single, half] = [on(host, gradients), on(bfloat16Host(host), gradients)];
    single.forEach((values, i) => {
      expect(cosine(values, half[i]!)).toBeGreaterThan(0.99);
      expect(half[i]).not.toEqual(values);
    });
  });

  test('leaves alone what is computed exactly', () => {
    const f = (...args: tf.Tensor[]) =>
      inFloat32(() => [crossEntropies(model.apply(args.slice(0, n), args[n]!), args[n + 1]!)]);
    expect(on(bfloat16Host(host), f)).toEqual(on(host, f));
  });

  test('is in the convolutions, the matrix products and what lies between them', () => {
    const args = inputs();
    const lowered = loweredOps(capture(gradients, args).nodes);
    for (const op of [
      'Conv2D',
      'Conv2DBackpropFilter',
      'BatchMatMulV2',
      'BiasAdd',
      'BiasAddGrad',
      'Relu',
      'MaxPool',
    ]) {
      expect(lowered).toContain(op);
    }
    const loss = ['SoftmaxCrossEntropyWithLogits', 'Sum', 'Mul', 'Add', 'AddV2'];
    for (const op of loss) expect(lowered).not.toContain(op);
    tf.dispose(args);
  });

  test('is in batch norm and residual sums, with float32 statistics, and in no update', () => {
    const resnet = modelFor('preresnet26', [32, 32, 3], 10);
    const [m, count] = [resnet.parameters.length, 25];
    const args = [
      ...toTensors(resnet.parameters, resnet.initial(stream(1, 'init', 0))),
      ...[tf.zeros([2, 32, 32, 3]), tf.ones([2, 10]), tf.ones([2])],
    ];
    const step = capture((...given) => {
      const [images, labels, weights] = given.slice(m) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const parameters = given.slice(0, m);
      const batch = { images, labels, weights };
      const found = lossAndGradients(resnet, parameters, batch);
      const { updates } = weightDecay(1e-4).update(found.gradients, {}, parameters);
      return [...updates, ...found.statistics];
    }, args);
    const lowered = loweredOps(step.nodes);
    const times = (op: string): number => lowered.filter((name) => name === op).length;
    expect(times('FusedBatchNormV3')).toBe(count);
    // The last one's gradient comes from the mean over pixels, in float32.
    expect(times('FusedBatchNormGradV3')).toBe(count - 1);
    expect(lowered).toContain('Add');
    expect(lowered).not.toContain('Mul');
    const compiled = compileGraph(bfloat16Host(host), step);
    const outputs = compiled(...args);
    expect(outputs.every((output) => output.dataSync().every(Number.isFinite))).toBe(true);
    compiled.dispose();
    tf.dispose([...args, ...outputs]);
  });
});
