/** One kernel moves weights and velocity: it is found where it is the same, and only there. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { capture } from '../../../numerics/graph/capture.js';
import type { GraphHost } from '../../../numerics/graph/compile.js';
import { eagerHost } from '../../../numerics/graph/eager.js';
import type { Graph } from '../../../numerics/graph/graph.js';
import { compileStateful } from '../../../numerics/graph/stateful/compile-stateful.js';
import { momentumUpdates } from '../../../numerics/graph/stateful/momentum-updates.js';
import { descendAlong, type StepTransform } from '../../../numerics/optimise/step-transform.js';
import { sgd } from '../../../numerics/training/endpoint-step.js';
import { expectNoLeaks, host, values } from '../engine.js';

expectNoLeaks();

const start = [1, -2, 0.5, 3];
const curvatures = [1, 0.5, 2, 0.1];
const [rate, factor, decay, steps] = [0.1, 0.9, 0.05, 7];

/** (w, v, rate) to (w, v, ½ Σ a_i w_i²), and what else `report` makes of the new state. */
function quadraticStep(
  optimiser: StepTransform,
  report: (w: tf.Tensor, v: tf.Tensor) => tf.Tensor[] = () => [],
): Graph {
  const examples = [tf.tensor1d(start), tf.zeros([4]), tf.scalar(rate)];
  const graph = capture((w, v, learningRate) => {
    const a = tf.tensor1d(curvatures);
    const held = optimiser.held;
    const next = optimiser.update([tf.mul(w!, a)], { velocity: [v!], ...held }, [w!]);
    const [moved] = descendAlong([w!], next.updates, learningRate!);
    const [after] = optimiser.afterStep?.([moved!], { ...next.state, ...held }) ?? [moved!];
    const velocity = next.state['velocity']![0]!;
    const loss = tf.sum(tf.mul(tf.square(w!), tf.mul(a, 0.5)));
    return [after!, velocity, tf.addN([loss, ...report(after!, velocity)])];
  }, examples);
  tf.dispose(examples);
  return graph;
}

const recipe = { momentum: factor, weightDecay: decay };

describe('momentum updates', () => {
  test('of a step of SGD are found, with and without Nesterov', () => {
    expect(momentumUpdates(quadraticStep(sgd(recipe)), 2)).toMatchObject([
      { weights: 0, velocity: 1, nesterov: false },
    ]);
    expect(momentumUpdates(quadraticStep(sgd({ ...recipe, nesterov: true })), 2)).toMatchObject([
      { weights: 0, velocity: 1, nesterov: true },
    ]);
  });

  test('are none where others use the new weights or the new velocity', () => {
    const sums = [(w: tf.Tensor) => [tf.sum(w)], (_w: tf.Tensor, v: tf.Tensor) => [tf.sum(v)]];
    for (const report of sums) {
      expect(momentumUpdates(quadraticStep(sgd(recipe), report), 2)).toEqual([]);
    }
  });

  test('are none where weights are masked after the step', () => {
    const kept = tf.tensor1d([1, 0, 1, 1]);
    expect(momentumUpdates(quadraticStep(sgd(recipe, [{ position: 0, kept }])), 2)).toEqual([]);
    kept.dispose();
  });
});

/** Weights and velocity after some steps in one call. */
function taken(on: GraphHost, nesterov: boolean): number[][] {
  const state = [tf.tensor1d(start), tf.zeros([4])];
  const step = quadraticStep(sgd({ ...recipe, ...(nesterov ? { nesterov } : {}) }));
  const f = compileStateful(on, state, [], [{ step, times: steps }]);
  const rates = tf.fill([steps], rate);
  const made = [...f.step(0, [rates]), ...f.state()];
  const found = made.slice(1).map(values);
  f.dispose();
  tf.dispose([...state, rates, ...made]);
  return found;
}

/** The recurrence in float64. */
function reference(nesterov: boolean): number[][] {
  const found = start.map((first, i) => {
    let [w, v] = [first, 0];
    for (let step = 0; step < steps; step++) {
      const g = curvatures[i]! * w + decay * w;
      v = factor * v + g;
      w -= rate * (nesterov ? g + factor * v : v);
    }
    return [w, v] as const;
  });
  return [found.map(([w]) => w), found.map(([, v]) => v)];
}

describe('the kernel', () => {
  for (const nesterov of [false, true]) {
    const name = nesterov ? "Nesterov's step" : 'momentum';
    test(`takes ${name} as the recurrence in float64, and one kernel after the other`, () => {
      const found = taken(host, nesterov);
      expect(found).toEqual(taken(eagerHost, nesterov));
      const expected = reference(nesterov);
      found.forEach((numbers, k) =>
        numbers.forEach((x, i) => expect(x).toBeCloseTo(expected[k]![i]!, 5)),
      );
      const other = reference(!nesterov);
      expect(Math.abs(found[0]![0]! - other[0]![0]!)).toBeGreaterThan(1e-2);
    });
  }
});
