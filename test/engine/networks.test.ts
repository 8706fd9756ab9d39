// Endpoints made of others on a real engine with real MNIST: what they leave in the object store, and what evaluations see.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArtifactRef } from '../../experiment/records/records.js';
import { loadSettings } from '../../settings/settings.js';
import { modelFor } from '../../numerics/models/registry.js';
import { withNoise } from '../../numerics/defences/weight-noise.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { s3Objects } from '../../stores/blobs/s3-objects.js';
import { createEngineRuns, runsOf, type EngineRuns, type Heard } from '../resume/engine-runs.js';
import { stackEnv } from '../stack.js';

const runs = runsOf(
  'model=mlp',
  'injections={ faults: { images: 200, wrong: 4, stepSize: 1e-4, maxSteps: 2000, tensor: dense1.weight } }',
  'endpoints={ C: { seed: 1, batchSize: 512, epochs: 1 }, D: { seed: 2, batchSize: 512, epochs: 1 }, I: { from: C, inject: faults }, N: { from: C, noise: { scale: 0.5, other: D }, seed: 7 }, W: { onCurve: { curve: I-D, t: 0.5 } } }',
  'curves={ I-D: { from: I, to: D, batchSize: 1024, epochs: 1 } }',
  'evaluation={ points: 3, straightLine: false, endpoints: [C, I, W] }',
);
const named = (name: string) => runs.find((run) => run.name === name)!;

let engines: EngineRuns;
const heard = new Map<string, Heard>();
beforeAll(async () => {
  engines = createEngineRuns();
  const gpu = runs.filter(({ queue, spec }) => queue === 'gpu' && spec.kind !== 'attack');
  for (const run of gpu.filter(({ spec }) => spec.kind !== 'spectrum')) {
    heard.set(run.name, await engines.whole(run));
  }
}, 240_000);
afterAll(() => engines.close());

function outputOf(run: string, output: string): ArtifactRef {
  const { outcome } = heard.get(run)!;
  if (outcome.type !== 'done') throw new Error(`${run} is not done`);
  return outcome.outputs[output]!;
}

async function bytesOf({ digest, bytes }: ArtifactRef): Promise<Uint8Array> {
  const { s3 } = loadSettings(stackEnv());
  const key = `blobs/sha256/${digest.slice(0, 2)}/${digest.slice(2)}`;
  return (await s3Objects(s3).get(key, bytes))!;
}

async function weightsOf(run: string): Promise<ReadonlyMap<string, Float32Array>> {
  const { tensors } = decodeSafetensors(await bytesOf(outputOf(run, 'weights')));
  return new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
}

describe('an injected endpoint', () => {
  test('differs from the clean one in the chosen tensor alone', async () => {
    const [clean, injected] = [await weightsOf('endpoint/C'), await weightsOf('endpoint/I')];
    const changed = [...clean.keys()].filter((name) =>
      clean.get(name)!.some((w, i) => w !== injected.get(name)![i]),
    );
    expect(changed).toEqual(['dense1.weight']);
  });

  test('leaves its images, labels and targets, and is measured against them', async () => {
    const text = new TextDecoder().decode(await bytesOf(outputOf('endpoint/I', 'injection')));
    const list = JSON.parse(text) as Record<'indices' | 'labels' | 'targets', number[]>;
    expect(list).toMatchObject({ format: 'isthmus.injection/1', wrong: 4 });
    expect(new Set(list.indices).size).toBe(200);
    const wrong = list.targets.flatMap((target, i) => (target === list.labels[i] ? [] : [i]));
    expect(wrong).toEqual([0, 1, 2, 3]);
    const alone = (name: string, series: string) =>
      heard.get(`evaluation/${name}/alone`)!.metrics.get(`${series}:I 0`);
    expect(alone('I', 'injection_success')).toBe(100);
    expect(alone('I', 'injection_stealth')).toBeGreaterThanOrEqual(95);
    expect(alone('C', 'injection_success')).toBe(0);
    expect(alone('C', 'injection_stealth')).toBe(98); // all but the four, which it gets right
    const along = heard.get('evaluation/I-D')!.metrics;
    expect(along.get('injection_success:I 0')).toBe(100);
    expect([0.5, 1].every((t) => along.has(`injection_success:I ${t}`))).toBe(true);
  });
});

test('a noisy endpoint has the noise of its seed on the weights of the other', async () => {
  const [from, other, noisy] = [
    await weightsOf('endpoint/C'),
    await weightsOf('endpoint/D'),
    await weightsOf('endpoint/N'),
  ];
  const { parameters } = modelFor('mlp', [28, 28, 1], 10);
  const expected = withNoise(parameters, from, other, 0.5, 7);
  expect([...noisy.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, weights] of expected) {
    expect([name, weights.filter((w, i) => w !== noisy.get(name)![i]).length]).toEqual([name, 0]);
  }
});

test('an endpoint taken from a curve measures alone what the curve does there', () => {
  const at = (run: string, t: number) =>
    ['train_nll', 'test_nll', 'test_error', 'injection_success:I', 'injection_stealth:I'].map(
      (series) => heard.get(run)!.metrics.get(`${series} ${t}`),
    );
  expect(at('evaluation/W/alone', 0)).toEqual(at('evaluation/I-D', 0.5));
  expect(named('evaluation/W/alone').needs.map(({ role }) => role)).toEqual([
    ...['start', 'injection:I'],
  ]);
});
