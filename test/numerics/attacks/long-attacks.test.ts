// Attacks of many steps, which are carried out in blocks: the bits of one graph of all steps, and no graph that grows with them.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import type { AdversarialSpec, TrainingRecipe } from '../../../experiment/specs/training.js';
import { climb, startingPoint } from '../../../numerics/attacks/pgd/gradient-ascent.js';
import { normByName } from '../../../numerics/attacks/norms/norm-by-name.js';
import {
  inputGradient,
  randomMember,
  scoreImages,
  singleNetwork,
} from '../../../numerics/attacks/procedure/model-under-attack.js';
import { attackLoss } from '../../../numerics/losses/attack-losses.js';
import { gathering, makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { capture } from '../../../numerics/graph/capture.js';
import { compileGraph, type GraphHost } from '../../../numerics/graph/compile.js';
import { imageDraws } from '../../../numerics/graph/draws.js';
import { compileStateful } from '../../../numerics/graph/stateful/compile-stateful.js';
import { callLoop, unrolled, type Loop } from '../../../numerics/graph/loop.js';
import { captureLoop, planLoop } from '../../../numerics/graph/loop-calls.js';
import { weightSpecs } from '../../../numerics/models/model.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { opSeed, stream } from '../../../numerics/random.js';
import { initialStatistics } from '../../../numerics/evaluation/batch-norm-statistics.js';
import { initialState, optimiserFor, trainFrom } from '../../../numerics/training/endpoint.js';
import { adversaryInputs } from '../../../numerics/training/adversary.js';
import { endpointStep } from '../../../numerics/training/endpoint-step.js';
import { feedTensors, stepSchedule } from '../../../numerics/optimise/step-inputs.js';
import { imageGradient } from '../../../numerics/losses/training-loss.js';
import { expectNoLeaks, host, syntheticDigits } from '../engine.js';
import { pgdRunner } from './runners.js';

expectNoLeaks();

/** Graphs of many steps take TensorFlow a while. */
vi.setConfig({ testTimeout: 240_000 });

const model = modelFor('cnn-small', [28, 28, 1], 10);
const untrained = (seed: number) =>
  toTensors(model.parameters, model.initial(stream(seed, 'init', 0)));
const pgd = { epsilon: 0.1, stepSize: 0.01, steps: 60, randomStart: true, seed: 1 };
/** Epsilon, step size and steps. */
const balls = { linf: [0.1, 0.01, 60], l2: [2, 0.2, 24], l1: [20, 2, 24] } as const;

/** The engine's host, which also counts the nodes that it loads. */
function counting(): GraphHost & { readonly nodes: number[] } {
  const nodes: number[] = [];
  const load: GraphHost['load'] = (loaded) => {
    nodes.push(loaded.length);
    return host.load(loaded);
  };
  return { nodes, load };
}

const bitsOf = (tensor: tf.Tensor): Int32Array =>
  new Int32Array(tensor.dataSync<'float32'>().slice().buffer);

describe('an attack of many steps', () => {
  test('holds graphs of one size whatever their number, and is whole where it is short', async () => {
    const weights = untrained(2);
    const data = makeResident(syntheticDigits(2), 10);
    const counted = counting();
    const calls: number[] = [];
    for (const steps of [10, 20, 62, 1002]) {
      const attacker = pgdRunner(singleNetwork(model), { ...pgd, steps }, data, {
        ...{ batchSize: 2, host: counted },
      });
      let pauses = 0;
      if (steps > 62) await attacker.attack(weights, () => void pauses++);
      else pauses = attacker.calls;
      expect(pauses).toBe(attacker.calls);
      calls.push(attacker.calls);
      attacker.dispose();
    }
    const [ten, twenty, sixty, thousand] = counted.nodes;
    expect(calls.slice(0, 2)).toEqual([1, 1]);
    expect(twenty! - ten!).toBeGreaterThan(300);
    // The first step, a block, what is left over and the last: no more of them for a thousand steps.
    expect(Math.max(sixty!, thousand!)).toBeLessThan(1300);
    // A call every few steps, so that others see that it moves.
    expect(calls[3]).toBeGreaterThan(90);
    data.dispose();
    tf.dispose(weights);
  });

  test.each(['linf', 'l2', 'l1'] as const)(
    'under %s makes the bits of its steps in one graph',
    async (norm) => {
      const weights = untrained(2);
      const digits = syntheticDigits(8);
      const data = makeResident(digits, 10);
      const [epsilon, stepSize, steps] = balls[norm];
      const settings = { ...pgd, epsilon, stepSize, steps };
      const attacker = pgdRunner(singleNetwork(model), { ...settings, norm }, data, {
        ...{ batchSize: 8, keepImages: true },
      });
      expect(attacker.calls).toBeGreaterThan(1);
      const { adversarial } = await attacker.attack(weights, () => {});
      attacker.dispose();
      const starts = Array.from({ length: 8 }, (_, i) => [
        ...opSeed(settings.seed, 'attack-pass-0', i),
      ]);
      const seeds = tf.tensor2d(starts, [8, 2], 'int32');
      const indices = tf.range(0, 8, 1, 'int32');
      const inputs = [...weights, data.pixels, data.labels, indices, tf.ones([8]), seeds];
      const whole = gathering(weights.length, 10, (...given) => {
        const [images, labels, , start] = given.slice(weights.length);
        const gradient = imageGradient(model, given.slice(0, weights.length), labels!);
        const ascent = { epsilon: tf.scalar(epsilon), stepSize: tf.scalar(stepSize) };
        const ball = normByName(norm);
        let x = ball.randomStart(images!, ascent.epsilon, imageDraws(start!));
        for (let i = 0; i < steps; i++) x = climb(x, gradient, images!, ball, ascent);
        return [x];
      });
      const graph = compileGraph(host, capture(whole, inputs));
      const [expected] = graph(...inputs);
      expect(bitsOf(expected!)).toEqual(new Int32Array(adversarial!.buffer));
      graph.dispose();
      tf.dispose([...inputs.slice(weights.length + 2), expected!, ...weights]);
      data.dispose();
    },
  );

  test('ends where the outcome of a shorter one would go on, restarts and several batches included', async () => {
    const weights = untrained(2);
    const data = makeResident(syntheticDigits(9), 10);
    const losses: number[] = [];
    for (const steps of [1, 20, 200]) {
      const settings = { ...pgd, stepSize: 0.001, steps, randomStart: false };
      const attacker = pgdRunner(singleNetwork(model), settings, data, { batchSize: 4 });
      losses.push((await attacker.attack(weights, () => {})).robustNll);
      attacker.dispose();
    }
    expect(losses[1]).toBeGreaterThan(losses[0]!);
    expect(losses[2]).toBeGreaterThan(losses[1]!);
    data.dispose();
    tf.dispose(weights);
  });

  test('that is ended between two calls leaves nothing behind, and the next one begins anew', async () => {
    const weights = untrained(2);
    const data = makeResident(syntheticDigits(4), 10);
    const attacker = pgdRunner(singleNetwork(model), pgd, data, { batchSize: 4 });
    const whole = await attacker.attack(weights, () => {});
    let calls = 0;
    const stop = (): void => {
      if (++calls === 3) throw new Error('stopped');
    };
    await expect(attacker.attack(weights, stop)).rejects.toThrow('stopped');
    expect(await attacker.attack(weights, () => {})).toEqual(whole);
    attacker.dispose();
    data.dispose();
    tf.dispose(weights);
  });
});

/** x ← step(x) on the first images of the data, and what it gives in the end. */
function attackLoop(name: 'preresnet26' | 'cnn-small', members: number, steps: number) {
  const shape = name === 'cnn-small' ? ([28, 28, 1] as const) : ([32, 32, 3] as const);
  const network = modelFor(name, shape, 10);
  const attacked = members > 1 ? randomMember(network, members) : singleNetwork(network);
  const n = weightSpecs(attacked.model).length;
  const one = toTensors(network.parameters, network.initial(stream(4, 'init', 0)));
  const statistics = network.statistics ? initialStatistics(network) : [];
  const weights = Array.from({ length: members }, (_, k) =>
    [...one, ...statistics].map((w) => tf.mul(w, 1 + k / 10)),
  ).flat();
  tf.dispose([...one, ...statistics]);
  const open: Loop['open'] = (...inputs) => {
    const [images, labels, seed] = inputs.slice(n);
    const networks = attacked.networks(inputs.slice(0, n));
    const batch = { images: images!, labels: labels!, networks };
    const loss = attackLoss({ name: 'ce' }, labels!, null);
    const gradient = (x: tf.Tensor) => inputGradient(batch, loss, x);
    const norm = normByName('linf');
    const [epsilon, stepSize] = [tf.scalar(0.1), tf.scalar(0.02)];
    return {
      begin: () => [startingPoint(images!, norm, { epsilon, startSeed: seed! })],
      step: ([x]) => [climb(x!, gradient, images!, norm, { epsilon, stepSize })],
      finish([x]) {
        const { nll, wrong } = scoreImages(batch, x!);
        return [x!, nll, wrong];
      },
    };
  };
  const size = shape[0] * shape[1] * shape[2];
  const pixels = Uint8Array.from({ length: 4 * size }, (_, i) => (i * 7919) % 251);
  const labels = Uint8Array.of(0, 1, 2, 3);
  const data = makeResident({ count: 4, shape, pixels, labels }, 10);
  const opened = gathering(n, 10, (...inputs) => {
    const [images, oneHot, , seed] = inputs.slice(n);
    return open(...inputs.slice(0, n), images!, oneHot!, seed!);
  });
  const fed = () => [tf.range(0, 4, 1, 'int32'), tf.ones([4]), tf.tensor1d([1, 2], 'int32')];
  return { loop: { steps, open: opened }, held: [...weights, data.pixels, data.labels], fed };
}

async function carriedOut(
  { loop, held, fed }: ReturnType<typeof attackLoop>,
  stepsPerCall: number | null,
): Promise<Int32Array[]> {
  const given = fed();
  const inputs = { state: 0, examples: [...held, ...given] };
  const plan = stepsPerCall === null ? 'whole' : { stepsPerCall };
  const { graphs, order, between } = captureLoop(loop, inputs, plan);
  const state = between.map((shape) => tf.zeros([...shape]));
  const compiled = compileStateful(host, state, held, graphs);
  const results = await callLoop(compiled, order, given, () => {});
  const bits = results.map(bitsOf);
  tf.dispose([...results, ...state, ...given]);
  compiled.dispose();
  return bits;
}

describe('blocks of any size', () => {
  test.each([
    ['preresnet26', 1, 5, [1, 2]],
    ['cnn-small', 3, 7, [1, 2, 5]],
  ] as const)(
    'give the images and the scores of one graph: %s, networks: %i',
    async (name, members, steps, sizes) => {
      const attack = attackLoop(name, members, steps);
      const whole = await carriedOut(attack, null);
      for (const size of sizes) {
        const found = await carriedOut(attack, size);
        expect([found[0], found[2]]).toEqual([whole[0], whole[2]]);
        // The mean loss of several networks may be added in another order: one unit in the last place.
        found[1]!.forEach((bits, i) => {
          expect(Math.abs(bits - whole[1]![i]!)).toBeLessThanOrEqual(members > 1 ? 1 : 0);
        });
      }
      tf.dispose(attack.held);
    },
  );

  test('are chosen by the number of steps and the ops of one', () => {
    const plan = (ops: number, steps: number) => {
      const open: Loop['open'] = (x) => ({
        begin: () => [x],
        step: ([y]) => [Array.from({ length: ops }).reduce<tf.Tensor>((z) => tf.neg(z), y!)],
        finish: ([y]) => [y!],
      });
      return tf.tidy(() => planLoop({ steps, open }, { state: 0, examples: [tf.zeros([1])] }));
    };
    expect(plan(10, 20)).toBe('whole');
    expect(plan(10, 21)).toMatchObject({ stepsPerCall: 19 });
    expect(plan(10, 1000)).toEqual(plan(10, 100_000));
    expect(plan(2000, 5)).toBe('whole');
    expect(plan(2000, 10)).toEqual({ stepsPerCall: 1 });
  });
});

describe('training against an attacker of many steps', () => {
  const recipe: TrainingRecipe = {
    ...{ epochs: 1, batchSize: 16, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
  };
  const attack: AdversarialSpec = {
    ...{ epsilon: 0.1, stepSize: 0.01, steps: 25, randomStart: true, warmup: 0 },
  };

  /** Every step as one graph on plain tensors. */
  function stepByStep(adversarial: AdversarialSpec, data: ResidentData): tf.Tensor[] {
    let { state } = initialState(model, optimiserFor({ model, recipe }), untrained(1));
    const seed = 3;
    const perStep = (index: number, total: number) =>
      adversaryInputs(adversarial, seed, index, total);
    const planned = stepSchedule({ recipe, data, seed, perStep }, false);
    const step = gathering(state.length, 10, unrolled(endpointStep(model, recipe, adversarial)));
    for (let i = 0; i < 3; i++) {
      const fed = tf.tidy(() => feedTensors([planned(i).feeds]).map((t) => tf.squeeze(t, [0])));
      const inputs = [...state, data.pixels, data.labels, ...fed];
      const graph = compileGraph(host, capture(step, inputs));
      const next = graph(...inputs);
      graph.dispose();
      tf.dispose([...state, ...fed, next.pop()!]);
      state = next;
    }
    tf.dispose(state.slice(model.parameters.length));
    return state.slice(0, model.parameters.length);
  }

  test.each([
    ['PGD', attack],
    ['TRADES', { ...attack, trades: { beta: 6 } }],
  ])(
    '%s gives the bits of steps in one graph, and shows every block',
    async (_name, adversarial) => {
      const data = makeResident(syntheticDigits(40), 10);
      let blocks = 0;
      const trained = await trainFrom(host, untrained(1), {
        ...{ model, recipe, adversarial, data, seed: 3, onStep: () => {} },
        onBlock: (step, total) => {
          expect([step < 3, total]).toEqual([true, 3]);
          blocks++;
        },
      });
      expect(blocks).toBeGreaterThan(3 * 2);
      const expected = stepByStep(adversarial, data);
      trained.forEach((w, i) => expect(bitsOf(w)).toEqual(bitsOf(expected[i]!)));
      tf.dispose([...trained, ...expected]);
      data.dispose();
    },
  );

  test('that is ended within a step leaves nothing behind', async () => {
    const data = makeResident(syntheticDigits(16), 10);
    const stop = (): void => {
      throw new Error('stopped');
    };
    await expect(
      trainFrom(host, untrained(1), {
        ...{ model, recipe, adversarial: attack, data, seed: 3, onStep: () => {}, onBlock: stop },
      }),
    ).rejects.toThrow('stopped');
    data.dispose();
  });
});
