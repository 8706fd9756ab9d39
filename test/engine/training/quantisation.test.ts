// Quantised training by the body of an endpoint: what it stores, what it reports, and that the networks are those scored.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { executeRun } from '../../../engine/kinds/index.js';
import type { EndpointSpec } from '../../../experiment/kinds/endpoint.js';
import type { RunSpec } from '../../../experiment/kinds/index.js';
import type { Outputs } from '../../../experiment/records/records.js';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import type { QuantisationSpec } from '../../../experiment/specs/quantisation.js';
import { quantise } from '../../../numerics/quantisation/quantisers.js';
import { decodePackedWeights } from '../../../stores/formats/packed-weights.js';
import { decodeSafetensors } from '../../../stores/formats/safetensors.js';
import { memoryBlobs, memoryContext } from '../memory-context.js';

const blobs = memoryBlobs();
const initial = 'he-normal';
const architecture: readonly LayerRecord[] = [
  { kind: 'convolution', name: 'one', filters: 8, size: 3, initial },
  { kind: 'batch-norm', name: 'bn1' },
  { kind: 'relu' },
  { kind: 'max-pool', size: 2, stride: 2 },
  { kind: 'convolution', name: 'two', filters: 8, size: 3, initial },
  { kind: 'batch-norm', name: 'bn2' },
  { kind: 'relu' },
  { kind: 'max-pool', size: 2, stride: 2 },
  { kind: 'flatten' },
  { kind: 'dense', name: 'out', units: 'classes', initial },
];
const model = { name: 'small', architecture };
/** Ten passes over 480 images, six of them relaxed; an epoch is longer than a call of steps. */
const recipe = { steps: 320, batchSize: 15, learningRate: 0.02, momentum: 0.9, weightDecay: 5e-4 };
const bonafide = { seed: 1, pool: 5000, images: 480, validation: 0 };
const relaxation = { start: 1, growth: 3, hard: 0.6 };
const weights = ['one.weight', 'two.weight'];

const spec = (quantisation?: Partial<QuantisationSpec>): EndpointSpec => ({
  ...{ kind: 'endpoint', dataset: 'mnist', model, seed: 1, recipe, adversarial: null },
  data: { bonafide },
  ...(quantisation && {
    quantisation: {
      grid: { scheme: 'binary' },
      per: 'tensor',
      weights,
      relaxation,
      ...quantisation,
    },
  }),
});

async function carryOut(one: RunSpec, from?: Outputs) {
  const context = memoryContext(blobs);
  const run = { key: 'x', name: 'x', queue: 'gpu', curve: null, summary: '', needs: [] } as const;
  const inputs = from ? [{ role: 'from', run: 'y', outputs: from } as const] : [];
  const before = tf.memory().numTensors;
  const outputs = await executeRun({ run: { ...run, spec: one }, epoch: 1, inputs }, context);
  expect(tf.memory().numTensors).toBe(before);
  const series = (name: string) => context.rows.filter((row) => row.series === name);
  return { outputs, series, value: (name: string) => series(name).at(-1)!.value };
}

async function stored(outputs: Outputs, name: string) {
  const { tensors } = decodeSafetensors(await blobs.get(outputs[name]!));
  return new Map([...tensors].map(([key, { shape, data }]) => [key, { shape, data: data as Float32Array }])); // prettier-ignore
}

const grids = [
  ['binary', { scheme: 'binary' }, 1],
  ['ternary', { scheme: 'ternary', variant: 'exact' }, 1],
  ['4-bit', { scheme: 'uniform', bits: 4 }, 7],
] as const;

describe.each(grids)('a network with %s weights', (kind, grid, magnitudes) => {
  let run: Awaited<ReturnType<typeof carryOut>>;
  beforeAll(async () => {
    run = await carryOut(spec({ grid }));
  }, 120_000);

  test('is stored on its grid, beside the float weights that it comes from', async () => {
    const [deployed, float] = [await stored(run.outputs, 'weights'), await stored(run.outputs, 'floatWeights')]; // prettier-ignore
    expect([...deployed.keys()]).toEqual(expect.arrayContaining(['bn1.mean', 'out.bias']));
    expect(float.has('bn1.mean')).toBe(false);
    for (const [name, { shape, data }] of float) {
      const found = [...deployed.get(name)!.data];
      if (!weights.includes(name)) {
        expect(found).toEqual([...data]);
        continue;
      }
      const nonZero = new Set(found.map(Math.abs).filter((w) => w > 0));
      expect(nonZero.size).toBeLessThanOrEqual(magnitudes);
      const expected = tf.tidy(() =>
        quantise(tf.tensor(data, [...shape]), { grid, per: 'tensor' }).dataSync(),
      );
      expect(found).toEqual([...expected]);
      expect(new Set([...data].map(Math.abs)).size).toBeGreaterThan(50);
    }
  });

  test('is packed bit by bit', async () => {
    const packed = decodePackedWeights(await blobs.get(run.outputs['packedWeights']!));
    const deployed = await stored(run.outputs, 'weights');
    expect([...packed.keys()].sort()).toEqual([...deployed.keys()].sort());
    for (const [name, { data }] of deployed) {
      expect([...packed.get(name)!].every((w, i) => w === data[i])).toBe(true);
    }
  });

  test('comes nearer to its grid in every relaxed epoch, and is on it then', () => {
    const distances = run.series('grid_distance');
    expect(distances).toHaveLength(10);
    const values = distances.map(({ value }) => value);
    for (const epoch of [1, 2, 3, 4, 5]) expect(values[epoch]!).toBeLessThan(values[epoch - 1]!);
    expect(values.slice(6).every((value) => value < 1e-6)).toBe(true);
    expect(run.series('float_grid_distance').every(({ value }) => value > 1e-3)).toBe(true);
  });

  test('has learned, its batch-norm statistics being those of the quantised weights', () => {
    expect(run.value('final_test_error')).toBeLessThan(35);
  });

  test('has the zeros that such grids have', () => {
    const zeros = run.value('zero_weights');
    if (kind === 'binary') expect(zeros).toBe(0);
    else expect(zeros).toBeGreaterThan(kind === 'ternary' ? 25 : 1);
    for (const name of ['zero_input_channels', 'zero_output_channels', 'removable_channels']) {
      expect(run.value(name)).toBeGreaterThanOrEqual(0);
    }
  });
});

test('a training with float weights stores and reports nothing of it', async () => {
  const { outputs, series } = await carryOut(spec());
  expect(Object.keys(outputs)).not.toContain('floatWeights');
  expect(Object.keys(outputs)).not.toContain('packedWeights');
  expect([...series('grid_distance'), ...series('zero_weights')]).toEqual([]);
}, 60_000);

test('no epochs quantise the weights of another endpoint as they are', async () => {
  const plain: EndpointSpec = {
    ...{ kind: 'endpoint', dataset: 'mnist', model: 'cnn-small', seed: 1, adversarial: null },
    recipe: { epochs: 0, batchSize: 100, learningRate: 0.1, momentum: 0.9, weightDecay: 0 },
  };
  const grid = { scheme: 'ternary', variant: 'exact' } as const;
  const float = await carryOut(plain);
  const quantisation: QuantisationSpec = { grid, per: 'channel', weights: ['conv2.weight'] };
  const run = await carryOut({ ...plain, quantisation }, float.outputs);
  const [before, after] = [await stored(float.outputs, 'weights'), await stored(run.outputs, 'weights')]; // prettier-ignore
  for (const [name, { shape, data }] of before) {
    const expected = tf.tidy(() => {
      const own = tf.tensor(data, [...shape]);
      return (name === 'conv2.weight' ? quantise(own, { grid, per: 'channel' }) : own).dataSync();
    });
    expect([...after.get(name)!.data]).toEqual([...expected]);
  }
  expect((await stored(run.outputs, 'floatWeights')).get('conv2.weight')).toEqual(before.get('conv2.weight')); // prettier-ignore
  expect(run.value('zero_weights')).toBeGreaterThan(25);
}, 60_000);

test('straight-through is on the grid from the first epoch on; a start from another endpoint is taken', async () => {
  const float = await carryOut(spec());
  const straight: QuantisationSpec = { grid: grids[1][1], per: 'tensor', weights };
  const run = await carryOut({ ...spec(), quantisation: straight }, float.outputs);
  expect(run.series('grid_distance').every(({ value }) => value < 1e-6)).toBe(true);
  const fresh = await carryOut({ ...spec(), quantisation: straight });
  const first = (of: typeof run) => of.series('batch_loss')[0]!.value;
  expect(first(run)).toBeLessThan(first(fresh));
}, 120_000);
