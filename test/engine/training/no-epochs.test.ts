// Trainings of no epochs: an endpoint is its initial weights, a curve the straight line between its ends.
import { expect, test } from 'vitest';
import { executeRun } from '../../../engine/kinds/index.js';
import type { RunSpec } from '../../../experiment/kinds/index.js';
import type { Outputs } from '../../../experiment/records/records.js';
import { linearBends } from '../../../numerics/curves/curve.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { stream } from '../../../numerics/random.js';
import { decodeSafetensors } from '../../../stores/formats/safetensors.js';
import { memoryBlobs, memoryContext } from '../memory-context.js';

const blobs = memoryBlobs();
const model = modelFor('mlp', [28, 28, 1], 10);
const network = { dataset: 'mnist', model: 'mlp' } as const;
const recipe = { epochs: 0, batchSize: 100, learningRate: 0.1, momentum: 0.9, weightDecay: 0 };

async function carryOut(spec: RunSpec, ends: Readonly<Partial<Record<'start' | 'end', Outputs>>>) {
  const context = memoryContext(blobs);
  const roles = ['start', 'end'] as const;
  const inputs = roles.flatMap((role) =>
    ends[role] ? [{ role, run: role, outputs: ends[role] }] : [],
  );
  const run = { key: 'x', name: 'x', queue: 'gpu', curve: null, summary: '', needs: [] } as const;
  const outputs = await executeRun({ run: { ...run, spec }, epoch: 1, inputs }, context);
  return { outputs, rows: context.rows };
}

async function stored(outputs: Outputs, name: string) {
  const { tensors } = decodeSafetensors(await blobs.get(outputs[name]!));
  return new Map([...tensors].map(([key, { data }]) => [key, data as Float32Array]));
}

const endpoint = (seed: number, epochs: number): RunSpec => ({
  ...{ kind: 'endpoint', ...network, seed, recipe: { ...recipe, epochs } },
  adversarial: { epsilon: 0.1, stepSize: 0.1, steps: 1, randomStart: true, warmup: 0.25 },
});

test('no step is taken, and the network is scored as it is', async () => {
  const { outputs, rows } = await carryOut(endpoint(5, 0), {});
  expect(await stored(outputs, 'weights')).toEqual(model.initial(stream(5, 'init', 0)));
  expect(rows.map(({ series }) => series)).toContain('final_test_error');
  expect(rows.map(({ series }) => series)).not.toContain('batch_loss');
  const trained = await carryOut(endpoint(5, 1), {});
  expect(trained.outputs['weights']).not.toEqual(outputs['weights']);
}, 60_000);

test('the bends of a curve stay on the straight line', async () => {
  const ends = {
    start: (await carryOut(endpoint(5, 0), {})).outputs,
    end: (await carryOut(endpoint(6, 0), {})).outputs,
  };
  const { outputs } = await carryOut(
    { kind: 'curve', ...network, seed: 1, family: 'bezier', bends: 2, recipe },
    ends,
  );
  const [start, end] = [await stored(ends.start, 'weights'), await stored(ends.end, 'weights')];
  const bends = linearBends(model.parameters, start, end, 2);
  const expected = bends.flatMap((bend, k) =>
    [...bend].map(([name, values]) => [`bend${k + 1}.${name}`, values] as const),
  );
  expect(await stored(outputs, 'bends')).toEqual(new Map(expected));
}, 60_000);
