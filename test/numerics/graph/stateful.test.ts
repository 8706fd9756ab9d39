// State that stays in the session: the same numbers as when it goes in and out of every call.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { AdversarialSpec, TrainingRecipe } from '../../../experiment/specs/training.js';
import { gathering, makeResident } from '../../../numerics/data/resident.js';
import { capture } from '../../../numerics/graph/capture.js';
import { unrolled } from '../../../numerics/graph/loop.js';
import { compileGraph, type GraphHost } from '../../../numerics/graph/compile.js';
import { compileStateful } from '../../../numerics/graph/stateful/compile-stateful.js';
import { eagerHost } from '../../../numerics/graph/eager.js';
import type { Model } from '../../../numerics/models/model.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { initialStatistics } from '../../../numerics/evaluation/batch-norm-statistics.js';
import { endpointStep } from '../../../numerics/training/endpoint-step.js';
import {
  feedTensors,
  scalarFeed,
  vectorFeed,
  type Feed,
} from '../../../numerics/optimise/step-inputs.js';
import { expectNoLeaks, host, syntheticDigits, values } from '../engine.js';

expectNoLeaks();

describe('a stateful function', () => {
  const counter = () => {
    const [state, held, fed] = [tf.tensor1d([1, 2]), tf.scalar(10), tf.scalar(0)];
    const graph = capture(
      (s, h, x) => {
        const next = tf.add(s, tf.mul(h, x));
        return [next, tf.sum(next)];
      },
      [state, held, fed],
    );
    return { graph, tensors: [state, held, fed] as const };
  };

  for (const [name, on] of Object.entries<GraphHost>({ captured: host, eager: eagerHost })) {
    test(`moves its state on, reports every step and can be set anew (${name})`, () => {
      const { graph, tensors } = counter();
      const [state, held] = tensors;
      const steps = [
        { step: graph, times: 1 },
        { step: graph, times: 3 },
      ];
      const f = compileStateful(on, [state], [held], steps);
      const report = (i: number, fed: number[]) => {
        const [x] = [tf.tensor1d(fed)];
        const [sums] = f.step(i, [x]);
        const found = values(sums!);
        tf.dispose([x, sums!]);
        return found;
      };
      const now = () => {
        const [s] = f.state();
        const found = values(s!);
        s!.dispose();
        return found;
      };
      expect(report(0, [1])).toEqual([23]);
      expect(report(1, [1, 0, 2])).toEqual([43, 43, 83]);
      expect(now()).toEqual([41, 42]);
      f.set([state]);
      f.hold([tensors[2]]);
      expect(report(1, [5, 5, 5])).toEqual([3, 3, 3]);
      expect(now()).toEqual([1, 2]);
      f.dispose();
      tf.dispose([...tensors]);
    });
  }

  test('keeps its values when the tensors that they came from are gone', () => {
    const { graph, tensors } = counter();
    const f = compileStateful(host, [tensors[0]], [tensors[1]], [graph]);
    tf.dispose([...tensors]);
    const clutter = Array.from({ length: 50 }, () => tf.fill([2], -7));
    const x = tf.scalar(1);
    const [sum] = f.step(0, [x]);
    expect(values(sum!)).toEqual([23]);
    f.dispose();
    tf.dispose([x, sum!, ...clutter]);
  });
});

// TensorFlow takes memory as it is where it begins at a multiple of 64 bytes: so does one of these.
test('a variable holds a copy: memory of JavaScript must not be let go in a thread of TensorFlow', () => {
  const buffer = new ArrayBuffer(1024);
  const parts = Array.from({ length: 16 }, (_, i) => new Float32Array(buffer, 4 * i, 16));
  const example = tf.zeros([16]);
  const graph = capture((s) => [tf.mul(s, 2), tf.sum(s)], [example]);
  example.dispose();
  for (const memory of parts) {
    memory.fill(1);
    const state = tf.tensor1d(memory);
    const f = compileStateful(host, [state], [], [graph]);
    memory.fill(100);
    const [now] = f.state();
    expect(values(now!)).toEqual(new Array(16).fill(1));
    f.dispose();
    tf.dispose([state, now!]);
  }
});

const recipe: TrainingRecipe = {
  epochs: 1,
  batchSize: 16,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 5e-4,
  augmentation: { flip: true, padding: 2 },
};
const adversarial: AdversarialSpec = {
  ...{ epsilon: 0.1, stepSize: 0.05, steps: 2, randomStart: true, warmup: 0 },
};

/** Inputs that step k is fed. */
function feedsAt(k: number, attacked: boolean): Feed[] {
  const indices = Int32Array.from({ length: 16 }, (_, i) => (7 * k + 3 * i) % 100);
  const attack = [scalarFeed(0.1), scalarFeed(0.05), vectorFeed([k, 5], 'int32')];
  return [
    vectorFeed(indices, 'int32'),
    vectorFeed(new Float32Array(16).fill(1)),
    scalarFeed(0.05 / (k + 1)),
    vectorFeed([k, 9], 'int32'),
    ...(attacked ? attack : []),
  ];
}

/** Six steps as calls of plain tensors, and of `together` steps at a time in a session with variables. */
function sixSteps(on: GraphHost, model: Model, attacked: boolean, together: number | null) {
  const data = makeResident(syntheticDigits(100), 10);
  const start = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
  let state = [...start, ...start.map((w) => tf.zerosLike(w)), ...initialStatistics(model)];
  const step = unrolled(endpointStep(model, recipe, attacked ? adversarial : null));
  const single = (k: number) =>
    tf.tidy(() => feedTensors([feedsAt(k, attacked)]).map((t) => tf.squeeze(t, [0])));
  const gathered = gathering(state.length, 10, step);
  const example = single(0);
  const graph = capture(gathered, [...state, data.pixels, data.labels, ...example]);
  tf.dispose(example);
  const losses: number[] = [];
  if (together === null) {
    const f = compileGraph(on, graph);
    for (let k = 0; k < 6; k++) {
      const fed = single(k);
      const next = f(...state, data.pixels, data.labels, ...fed);
      losses.push(...values(next.at(-1)!));
      tf.dispose([...state, ...fed, next.pop()!]);
      state = next;
    }
    f.dispose();
  } else {
    const calls = [{ step: graph, times: together }];
    const f = compileStateful(on, state, [data.pixels, data.labels], calls);
    tf.dispose(state);
    for (let k = 0; k < 6; k += together) {
      const fed = feedTensors(Array.from({ length: together }, (_, i) => feedsAt(k + i, attacked)));
      const [reported] = f.step(0, fed);
      losses.push(...values(reported!));
      tf.dispose([...fed, reported!]);
    }
    state = f.state();
    f.dispose();
  }
  const found = { losses, state: state.map(values) };
  tf.dispose([...state]);
  data.dispose();
  return found;
}

describe('six training steps', () => {
  const cnn = modelFor('cnn-small', [28, 28, 1], 10);
  for (const attacked of [false, true]) {
    const what = attacked ? 'adversarial training' : 'training';
    test(`of ${what} are the same bits in a session, one, three or six a call`, () => {
      const expected = sixSteps(host, cnn, attacked, null);
      for (const together of [1, 3, 6]) {
        expect(sixSteps(host, cnn, attacked, together)).toEqual(expected);
      }
    });

    test(`of ${what} are the same bits one kernel after the other`, () => {
      expect(sixSteps(eagerHost, cnn, attacked, 2)).toEqual(sixSteps(host, cnn, attacked, 2));
    });
  }
});
