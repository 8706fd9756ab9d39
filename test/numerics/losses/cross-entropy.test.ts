// Evidence: on a GPU the loss is made of kernels that are deterministic there; on the CPU both forms agree, with their
// gradients and the products with the Hessian, also where the network is sure.
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { compileGraph } from '../../../numerics/graph/compile.js';
import { capture } from '../../../numerics/graph/capture.js';
import { nativeBackend } from '../../../numerics/graph/native.js';
import { tangent } from '../../../numerics/graph/tangent.js';
import { crossEntropies } from '../../../numerics/losses/cross-entropy.js';
import { expectNoLeaks, host, values } from '../engine.js';

expectNoLeaks();
afterEach(() => pretend(false));

function pretend(isUsingGpuDevice: boolean): void {
  Object.assign(nativeBackend(), { isUsingGpuDevice });
}

const rows = [
  [0.3, -1.2, 2.1],
  [25, 0, -3],
  [-4, 90, 1],
];
const chosen = [0, 0, 1];
const direction = [
  [1, -0.5, 0.25],
  [0.125, 2, -1],
  [-0.75, 0.5, 1.5],
];

/** Loss, gradient, tangent of the loss and of the gradient. */
function computed(): { readonly ops: readonly string[]; readonly results: readonly number[][] } {
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d(chosen, 'int32'), 3).toFloat());
  const [z, v] = [tf.tensor2d(rows), tf.tensor2d(direction)];
  const f = (logits: tf.Tensor) => {
    const { value, grad } = tf.valueAndGrad((x) => tf.sum(crossEntropies(x, labels)))(logits);
    return [value, grad];
  };
  const graph = tangent(capture(f, [z]), [0]);
  const run = compileGraph(host, graph);
  const found = run(z, v);
  const results = found.map(values);
  run.dispose();
  tf.dispose([...found, labels, z, v]);
  const ops = graph.nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : []));
  return { ops, results };
}

describe('cross-entropy on a GPU', () => {
  test('has no kernel that raises where determinism is asked for', () => {
    pretend(true);
    const { ops } = computed();
    expect(ops).not.toContain('SoftmaxCrossEntropyWithLogits');
    expect(ops).toContain('LogSoftmax');
  });

  test('is that of the CPU, with its gradient and its second derivatives', () => {
    const cpu = computed();
    expect(cpu.ops).toContain('SoftmaxCrossEntropyWithLogits');
    pretend(true);
    const gpu = computed();
    cpu.results.forEach((expected, i) => {
      const size = Math.max(...expected.map(Math.abs));
      expected.forEach((value, j) => {
        expect(Math.abs(gpu.results[i]![j]! - value)).toBeLessThanOrEqual(2e-6 * size);
      });
    });
  });

  test('keeps the small differences of a network that is sure', () => {
    pretend(true);
    const [, gradient] = computed().results;
    // Row 1: p of the others, exp(-25) and exp(-28) over their sum; the label's own is minus both.
    const sum = 1 + Math.exp(-25) + Math.exp(-28);
    expect(gradient![4]! / (Math.exp(-25) / sum)).toBeCloseTo(1, 5);
    expect(gradient![3]! / (-(Math.exp(-25) + Math.exp(-28)) / sum)).toBeCloseTo(1, 5);
  });
});
