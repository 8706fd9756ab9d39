// Endpoints made of others: spawned from a common start, pruned, noisy.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TrainingRecipe } from '../../../experiment/specs/training.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors, type ParameterValues } from '../../../numerics/models/parameters.js';
import { filterMasks } from '../../../numerics/defences/pruning.js';
import { normals, stream } from '../../../numerics/random.js';
import { initialState, optimiserFor, trainOn } from '../../../numerics/training/endpoint.js';
import { seedAt, type Seeding } from '../../../numerics/optimise/seeds.js';
import { withNoise } from '../../../numerics/defences/weight-noise.js';
import { expectNoLeaks, host, syntheticDigits, values } from '../engine.js';

expectNoLeaks();

const model = modelFor('cnn-small', [28, 28, 1], 10);
const digits = syntheticDigits(150);
/** Ten steps an epoch, every stream of random numbers in use. */
const recipe: TrainingRecipe = {
  ...{ epochs: 2, batchSize: 15, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
  augmentation: { flip: true, padding: 2 },
};
const optimiser = optimiserFor({ model, recipe });
const adversarial = { epsilon: 0.1, stepSize: 0.05, steps: 1, randomStart: true, warmup: 0.5 };

describe('two endpoints spawned from one seed', () => {
  async function statesOf(seeding: Seeding) {
    const data = makeResident(digits, 10);
    const initial = model.initial(stream(seedAt(seeding, 0), 'init', 0));
    const losses: number[] = [];
    const states = new Map<number, number[][]>();
    const last = await trainOn(
      host,
      initialState(model, optimiser, toTensors(model.parameters, initial)),
      {
        ...{ ...seeding, model, recipe, adversarial, data },
        onStep: (_step, _total, loss) => void losses.push(loss),
        onCall: (step, _total, read) => {
          const state = read();
          states.set(step, state.map(values));
          tf.dispose(state);
        },
      },
    );
    const end = last.map(values);
    tf.dispose(last);
    data.dispose();
    return { losses, states, end };
  }

  test('have the same bits up to the spawn and others after it', async () => {
    const spawn = { seed: 1, step: 13 };
    const [a, b, common] = [
      await statesOf({ seed: 2, spawn }),
      await statesOf({ seed: 3, spawn }),
      await statesOf({ seed: 1 }),
    ];
    expect(a.losses.slice(0, 13)).toEqual(b.losses.slice(0, 13));
    expect(a.losses.slice(0, 13)).toEqual(common.losses.slice(0, 13));
    for (const [x, y] of [
      [a, b],
      [a, common],
    ] as const) {
      expect(x.losses[13]).not.toBe(y.losses[13]);
      expect(x.end).not.toEqual(y.end);
    }
  });

  test('are in the same state at the step of the spawn, and in others at the end', async () => {
    const common = await statesOf({ seed: 1 });
    // States are read between calls, which take several steps.
    const step = [...common.states.keys()].find((at) => at > 2 && at < 20)!;
    const spawn = { seed: 1, step };
    const pair = [await statesOf({ seed: 2, spawn }), await statesOf({ seed: 3, spawn })];
    for (const { states, end } of pair) {
      expect(states.get(step)).toEqual(common.states.get(step));
      expect(end).not.toEqual(common.end);
    }
    expect(pair[0]!.end).not.toEqual(pair[1]!.end);
  });
});

describe('pruned filters', () => {
  const known: ParameterValues = new Map([
    ['a.weight', Float32Array.from([1, -5, 2, 0.5, -1, 4, 2, -0.5])], // [1, 1, 2, 4]
    ['a.bias', Float32Array.from([1, 1, 1, 1])],
    ['b.weight', Float32Array.from([0, 0])],
  ]);
  const specs = [
    { name: 'a.weight', shape: [1, 1, 2, 4] },
    { name: 'a.bias', shape: [4] },
    { name: 'b.weight', shape: [1, 2] },
  ];

  test('are those of the smallest l1 norm, with their bias; dense weights stay', () => {
    // Norms 2, 9, 4, 1.
    const masks = filterMasks(specs, known, 0.5);
    expect([...masks.keys()]).toEqual(['a.weight', 'a.bias']);
    expect(Array.from(masks.get('a.weight')!)).toEqual([0, 1, 1, 0, 0, 1, 1, 0]);
    expect(Array.from(masks.get('a.bias')!)).toEqual([0, 1, 1, 0]);
    expect(Array.from(filterMasks(specs, known, 0.2).get('a.bias')!)).toEqual([1, 1, 1, 1]);
  });

  test('are zero after fine-tuning, and so is what they say; the others move', async () => {
    const start = model.initial(stream(1, 'init', 0));
    const masks = filterMasks(model.parameters, start, 0.3);
    const pruned = new Map([...start].map(([name, w]) => [name, times(w, masks.get(name))]));
    const held = model.parameters.flatMap(({ name, shape }, position) => {
      const kept = masks.get(name);
      return kept ? [{ position, kept: tf.tensor(kept, [...shape]) }] : [];
    });
    const data = makeResident(digits, 10);
    const from = initialState(model, optimiser, toTensors(model.parameters, pruned));
    const state = await trainOn(host, from, {
      ...{ model, recipe, adversarial: null, data, seed: 1, masks: held, onStep: () => {} },
    });
    data.dispose();
    for (const [i, { name }] of model.parameters.entries()) {
      const [mask, after, before] = [masks.get(name), values(state[i]!), start.get(name)!];
      if (mask === undefined) continue;
      expect(after.filter((w, k) => mask[k] === 0 && w !== 0)).toEqual([]);
      expect(after.some((w, k) => mask[k] === 1 && w !== before[k])).toBe(true);
    }
    const zeroFilters = values(state[0]!)
      .slice(0, 16)
      .filter((w) => w === 0);
    expect(zeroFilters).toHaveLength(4); // of 16, a share of 0.3
    tf.dispose([...state, ...held.map(({ kept }) => kept)]);
  });
});

describe('noise on weights', () => {
  const specs = [
    { name: 'w', shape: [20_000] },
    { name: 'same', shape: [3] },
  ];
  const draws = normals(stream(1, 'probe', 0), 20_000);
  const from = new Map([
    ['w', Float32Array.from(draws)],
    ['same', Float32Array.from([1, 2, 3])],
  ]);
  const other = new Map([
    ['w', Float32Array.from(draws, (x, i) => x + (i % 2 === 0 ? 0.5 : -2))],
    ['same', Float32Array.from([1, 2, 3])],
  ]);

  test('has the scale of the distance, weight by weight, and none where there is no distance', () => {
    const noisy = withNoise(specs, from, other, 1.2, 5);
    expect(noisy.get('same')).toEqual(from.get('same'));
    for (const [parity, distance] of [
      [0, 0.5],
      [1, 2],
    ] as const) {
      const moves = Array.from(noisy.get('w')!, (w, i) => w - from.get('w')![i]!).filter(
        (_, i) => i % 2 === parity,
      );
      const deviation = Math.sqrt(moves.reduce((sum, m) => sum + m * m, 0) / moves.length);
      // 10,000 draws: the relative error of a standard deviation is about 0.7 %.
      expect(Math.abs(deviation / (1.2 * distance) - 1)).toBeLessThan(0.03);
      expect(Math.abs(moves.reduce((a, b) => a + b) / moves.length)).toBeLessThan(0.05 * distance);
    }
  });

  test('is the seed’s, and each tensor’s own', () => {
    expect(withNoise(specs, from, other, 1, 5)).toEqual(withNoise(specs, from, other, 1, 5));
    expect(withNoise(specs, from, other, 1, 6)).not.toEqual(withNoise(specs, from, other, 1, 5));
  });
});

function times(w: Float32Array, mask: Float32Array | undefined): Float32Array {
  return mask ? w.map((x, i) => x * mask[i]!) : w;
}
