// Cost of certificates and gradients of implicit layers, counted: products of a batch with an n x n matrix.
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { ImplicitRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { implicitBox } from '../../../numerics/certificates/implicit-box.js';
import { capture } from '../../../numerics/graph/capture.js';
import { activationFor } from '../../../numerics/implicit/activation.js';
import { solve } from '../../../numerics/implicit/solve.js';
import { expectNoLeaks } from '../engine.js';

expectNoLeaks();

const iterations = 50;
const layer: Pick<ImplicitRecord, 'activation' | 'iterations'> = { iterations };
const options = { activation: activationFor('relu'), iterations };

/** Products with matrices of n x n that a function of A [n, n] and v [batch, n] takes. */
function products(f: (matrix: tf.Tensor, offset: tf.Tensor) => tf.Tensor[]): number {
  const examples = [tf.eye(3), tf.zeros([2, 3])];
  const graph = capture((matrix, offset) => f(matrix, offset), examples);
  tf.dispose(examples);
  const ops = graph.nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : []));
  return ops.filter((op) => /MatMul/.test(op)).length;
}

const forward = () => products((matrix, offset) => [solve(matrix, offset, options)]);

test('the box of an implicit layer takes two solves of the layer, and no more', () => {
  const box = products((matrix, offset) => {
    const entering = { lower: offset, upper: offset };
    const { lower, upper } = implicitBox({ layer, matrix, d: tf.ones([3]), entering });
    return [lower, upper];
  });
  expect(forward()).toBe(iterations + 1);
  expect(box).toBe(2 * forward());
});

test('exact gradients take as many iterations backward as forward', () => {
  const both = products((matrix, offset) => {
    const loss = (a: tf.Tensor, v: tf.Tensor) => tf.sum(solve(a, v, options));
    return tf.grads(loss)([matrix, offset]);
  });
  // The last one is the gradient in A.
  expect(both).toBe(forward() + iterations + 1);
});
