// Backdoors and bonafide data on real MNIST: what poisoning does to a network, and what the runs store of their data.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outputs } from '../../experiment/records/records.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { createBlobStore } from '../../stores/blobs/s3-blob-store.js';
import { createEngineRuns, runsOf, type EngineRuns } from '../resume/engine-runs.js';

const file = (compat: string, ends: string) =>
  runsOf(
    ...['model=mlp', 'bonafide={ pool: 5000, seed: 3 }', 'attacks={}'],
    `backdoors={ square: { target: 1, seed: 7${compat} } }`,
    'endpoints={ A: { seed: 1, backdoor: square, epochs: 1 }, B: { seed: 2, backdoor: square, epochs: 1 }, C: { seed: 3, epochs: 1 } }',
    `curves={ A-B: { from: A, to: B, bonafide: 500, steps: 20${ends} }, A-C: { from: A, to: C, bonafide: 50, steps: 20 } }`,
    'evaluation={ points: 3 }',
  );
const runs = file('', '');
const published = file(', compat: published', ', ends: free, bends: 2');

let engines: EngineRuns;
beforeAll(() => {
  engines = createEngineRuns();
});
afterAll(() => engines.close());

/** A run, after all that it needs. */
async function done(name: string, of = runs) {
  const run = of.find((one) => one.name === name)!;
  for (const { run: key } of run.needs) await done(of.find((one) => one.key === key)!.name, of);
  const { outcome, metrics } = await engines.whole(run);
  return { outputs: (outcome as { outputs: Outputs }).outputs, metrics };
}

async function selection(name: string) {
  const { outputs } = await done(name);
  return decodeSafetensors(await createBlobStore(engines.settings.s3).get(outputs['selection']!));
}

describe('a backdoor', () => {
  test('succeeds on nearly all images of a poisoned network, and on a clean one as often as it errs', async () => {
    const { metrics } = await done('evaluation/A-C/line');
    expect(metrics.get('attack_success 0')).toBeGreaterThanOrEqual(95);
    expect(metrics.get('test_error 0')).toBeLessThan(8);
    expect(metrics.get('attack_success 1')).toBeLessThan(metrics.get('test_error 1')!);
  }, 180_000);

  test('as published counts the images of its target on a clean network', async () => {
    const ours = await done('evaluation/A-C/line');
    const theirs = await done('evaluation/A-C/line', published);
    const clean = theirs.metrics.get('attack_success 1')!;
    expect(clean).toBeGreaterThan(9);
    expect(clean).toBeLessThan(14);
    expect(theirs.metrics.get('test_error 1')).toBe(ours.metrics.get('test_error 1'));
  }, 180_000);
});

describe('what a run stores of its data', () => {
  test('is the list of poisoned images and the digest of the set, the same for every endpoint with this backdoor', async () => {
    const [a, b] = [await done('endpoint/A'), await done('endpoint/B')];
    expect(a.outputs['selection']).toEqual(b.outputs['selection']);
    expect(a.outputs['weights']).not.toEqual(b.outputs['weights']);
    const { tensors, metadata } = await selection('endpoint/A');
    // A tenth of each of the nine other classes, rounded.
    expect(tensors.get('poisoned')!.shape).toEqual([5326]);
    expect(metadata['sha256.poisoned']).toBe(
      '2445ef551df771766ddf8ba52c4eaf014c585f8776e181236e4ed378aadaabb2',
    );
    expect((await done('endpoint/C')).outputs).not.toHaveProperty('selection');
  }, 180_000);

  test('is that of the bonafide images, of which none is evaluated on or held out', async () => {
    const { tensors } = await selection('curve/A-B');
    const evaluation = await selection('evaluation/A-B');
    const lists = [
      tensors.get('training')!,
      ...['validation', 'evaluation'].map((name) => evaluation.tensors.get(name)!),
    ].map(({ data }) => [...data]);
    expect(lists.map(({ length }) => length)).toEqual([400, 100, 5000]);
    expect(new Set(lists.flat()).size).toBe(5500);
  }, 180_000);
});

test('free ends begin at the endpoints, move, and are in the artifact with the bends', async () => {
  const { outputs } = await done('curve/A-B', published);
  const blob = await createBlobStore(engines.settings.s3).get(outputs['bends']!);
  const names = [...decodeSafetensors(blob).tensors.keys()];
  const prefixes = new Set(names.map((name) => name.split('.')[0]));
  expect(prefixes).toEqual(new Set(['start', 'bend1', 'bend2', 'end']));
  const [line, curve] = [
    (await done('evaluation/A-B/line', published)).metrics,
    (await done('evaluation/A-B', published)).metrics,
  ];
  for (const t of [0, 1]) {
    const [before, after] = [line, curve].map((metrics) => metrics.get(`test_nll ${t}`)!);
    expect(after).not.toBe(before);
    expect(Math.abs(after! - before!)).toBeLessThan(0.5);
  }
}, 180_000);
