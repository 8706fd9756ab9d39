// Sparse training in compiled steps: exact zeros, the same bytes after a restart, and dense training at density 1.
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type {
  AdversarialSpec,
  RewiringSpec,
  SparsitySpec,
  TrainingRecipe,
} from '../../../experiment/specs/training.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import type { Mask } from '../../../numerics/optimise/transforms.js';
import { stream } from '../../../numerics/random.js';
import { activeCounts } from '../../../numerics/sparsity/densities.js';
import { maskedTensors, randomMasks } from '../../../numerics/sparsity/masks.js';
import { countActive } from '../../../numerics/sparsity/redistribution.js';
import type { Rewired } from '../../../numerics/sparsity/rewire.js';
import {
  initialState,
  optimiserFor,
  stateSpecs,
  trainOn,
  type EndpointTraining,
} from '../../../numerics/training/endpoint.js';
import { difference, expectNoLeaks, host, syntheticDigits } from '../engine.js';

expectNoLeaks();

const model = modelFor('lenet300', [28, 28, 1], 10);
const tensors = maskedTensors(model);
const digits = syntheticDigits(200);
/** 20 steps an epoch, 60 in all: calls of 16 steps, and of one. */
const recipe: TrainingRecipe = {
  ...{ epochs: 3, batchSize: 10, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
};
const rewiring: RewiringSpec = {
  ...{ growth: 'momentum', redistribution: 'momentum', every: 'epoch' },
  removal: { from: 0.5, to: 0.005 },
};
const sparsity: SparsitySpec = { density: 0.05, initial: 'uniform' };

/** Whole tensors would take a test runner minutes to compare. */
function digests(state: ReadonlyMap<string, Float32Array>): Record<string, string> {
  return Object.fromEntries(
    [...state].map(([name, values]) => [
      name,
      createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex'),
    ]),
  );
}

type Snapshots = Map<number, Map<string, Float32Array>>;
interface Options {
  readonly changed?: Partial<RewiringSpec>;
  readonly spec?: Partial<SparsitySpec>;
  readonly recipe?: Partial<TrainingRecipe>;
  readonly adversarial?: AdversarialSpec;
  readonly from?: { readonly step: number; readonly state: Map<string, Float32Array> };
  /** Default rewiring. */
  readonly method?: 'fixed' | 'dense';
}

/** The whole state after every call, by step and name, and every rewiring. */
async function trained({ changed, spec, from, method, adversarial, ...more }: Options = {}) {
  const full = { ...sparsity, ...spec };
  const drawn = randomMasks(tensors, full.density, { initial: full.initial, seed: 1 });
  const masks: Mask[] = tensors.map(({ position, shape }, l) => {
    return { position, kept: tf.tensor(drawn[l]!, [...shape]) };
  });
  const rewirings: [number, Rewired][] = [];
  const rewired = {
    spec: { ...full, rewiring: { ...rewiring, ...changed } },
    masks,
    onRewired: (step: number, one: Rewired) => void rewirings.push([step, one]),
  };
  const training: Omit<EndpointTraining, 'data' | 'onStep'> = {
    ...{ model, recipe: { ...recipe, ...more.recipe } as TrainingRecipe, seed: 1 },
    ...{
      adversarial: adversarial ?? null,
      ...(method === 'dense' ? {} : method === 'fixed' ? { masks } : { rewired }),
    },
  };
  const optimiser = optimiserFor(training);
  const specs = stateSpecs(model, optimiser);
  const named = (state: readonly tf.Tensor[]) =>
    new Map(specs.map(({ name }, i) => [name, state[i]!.dataSync<'float32'>().slice()]));
  const start = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
  if (method !== 'dense') {
    for (const { position, kept } of masks) {
      const whole = start[position]!;
      start[position] = tf.mul(whole, kept);
      whole.dispose();
    }
  }
  const begun = from
    ? { step: from.step, state: specs.map(({ name, shape }) => tf.tensor(from.state.get(name)!, [...shape])) } // prettier-ignore
    : initialState(model, optimiser, start);
  if (from) tf.dispose(start);
  const snapshots: Snapshots = new Map();
  const data = makeResident(digits, 10);
  const last = await trainOn(host, begun, {
    ...{ ...training, data, onStep: () => undefined },
    onCall(step, _total, read) {
      const state = read();
      snapshots.set(step, named(state));
      tf.dispose(state);
    },
  });
  const end = named(last);
  tf.dispose([...last, ...masks.map(({ kept }) => kept)]);
  data.dispose();
  return { end, snapshots, rewirings };
}

const target = activeCounts(tensors, 0.05, 'uniform').reduce((a, b) => a + b);

function expectSparse(state: Map<string, Float32Array>, count: number | null = target): void {
  let active = 0;
  for (const { name } of tensors) {
    const [weights, mask] = [state.get(`weights.${name}`)!, state.get(`mask.${name}`)!];
    expect(weights.some((w, i) => mask[i] === 0 && w !== 0)).toBe(false);
    active += countActive(mask);
  }
  if (count !== null) expect(Math.abs(active - count)).toBeLessThanOrEqual(tensors.length);
}

describe('training under masks that are rewired', () => {
  test('has exact zeros after every call, the wanted number of weights, and momentum everywhere', async () => {
    const { snapshots, rewirings } = await trained();
    expect(rewirings.map(([step]) => step)).toEqual([20, 40]);
    // No call spans a rewiring.
    expect([...snapshots.keys()]).toEqual(expect.arrayContaining([16, 20, 36, 40, 56, 60]));
    for (const state of snapshots.values()) expectSparse(state);
    const [before, after] = [19, 20].map((step) => snapshots.get(step)!.get('mask.fc1.weight')!);
    expect(before!.some((kept, i) => kept !== after![i])).toBe(true);
    const velocity = snapshots.get(60)!.get('velocity.fc1.weight')!;
    const mask = snapshots.get(60)!.get('mask.fc1.weight')!;
    expect(velocity.filter((v, i) => mask[i] === 0 && v !== 0).length).toBeGreaterThan(100_000);
    // What grew begins at 0, and has moved a step later.
    const weights = (step: number) => snapshots.get(step)!.get('weights.fc1.weight')!;
    const grown = [...after!.keys()].filter((i) => before![i] === 0 && after![i] === 1);
    expect(grown.every((i) => weights(20)[i] === 0)).toBe(true);
    expect(grown.some((i) => weights(36)[i] !== 0)).toBe(true);
  });

  test.each([
    ['by gradient', { growth: 'gradient' }, {}],
    ['at random', { growth: 'random' }, {}],
    ['layer by layer', { redistribution: 'none' }, {}],
    ['with ADMM', {}, { admm: { rho: 0.01 } }],
    ['with ERK', {}, { initial: 'erk' }],
  ] as const)(
    '%s keeps zeros and numbers too, and masks of its own',
    async (_how, changed, spec) => {
      const { end, snapshots } = await trained({ changed, spec });
      for (const state of snapshots.values())
        expectSparse(state, 'initial' in spec ? null : target);
      const plain = await trained();
      expect(digests(end)).not.toMatchObject(digests(plain.end));
    },
  );

  test('with Adam ranks by m / √v', async () => {
    const { end, snapshots } = await trained({ recipe: { optimiser: 'adam', learningRate: 1e-3 } });
    for (const state of snapshots.values()) expectSparse(state);
    expect([...end.keys()]).toContain('square.fc1.weight');
  });

  test.each([
    ['after a whole call', 16, {}],
    ['at a rewiring', 20, {}],
    ['between', 37, {}],
    [
      'with ADMM and random growth',
      40,
      { changed: { growth: 'random' }, spec: { admm: { rho: 0.01 } } },
    ],
  ] as const)('goes on %s to the same bytes', async (_when, step, options) => {
    const whole = await trained(options);
    const state = whole.snapshots.get(step)!;
    const rest = await trained({ ...options, from: { step, state } });
    expect(digests(rest.end)).toEqual(digests(whole.end));
    // Gaps of earlier rewirings are part of the state: without them the next masks differ.
    if (step !== 37) return;
    const cleared = new Map(state).set('rewiring.adjustment', Float32Array.of(500, 0, 0));
    const other = await trained({ ...options, from: { step, state: cleared } });
    expect(digests(other.end)).not.toEqual(digests(whole.end));
  });

  test('under masks of ones that nothing rewires is training under a fixed mask, bit for bit, and dense but for rounding', async () => {
    const full = await trained({ spec: { density: 1 }, changed: { every: 1000 } });
    const ones = await trained({ spec: { density: 1 }, method: 'fixed' });
    expect(digests(full.end)).toMatchObject(digests(ones.end));
    // A dense step moves weights and velocity in one kernel, which rounds in another order.
    const dense = await trained({ method: 'dense' });
    const [a, b] = [full, dense].map(({ end }) => end.get('weights.fc1.weight')!);
    expect(difference(a!, b!)).toBeLessThan(1e-6);
    const nearly = await trained({ spec: { density: 0.999 }, changed: { every: 1000 } });
    expect(digests(nearly.end)).not.toMatchObject(digests(ones.end));
  });
});
