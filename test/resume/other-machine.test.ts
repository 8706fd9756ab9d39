// A run that was begun on one GPU and is finished on another: finished it is, and whoever asks is told.
import { afterAll, expect, test } from 'vitest';
import type { CheckpointRef, Environment } from '../../experiment/records/records.js';
import { withPretendedGpu } from '../pretend-gpu/environment.js';
import {
  createEngineRuns,
  differences,
  runsOf,
  type EngineRuns,
  type Heard,
} from './engine-runs.js';

const [run] = runsOf(
  'model=mlp',
  'endpoints={ A: { seed: 17, batchSize: 512, epochs: 2 } }',
  'curves={}',
);
const rarely = { everySeconds: 3600 };
const stopAt = (atStep: number) => ({ atStep, by: 'SIGTERM' }) as const;

const enginesOn = (gpu: string): EngineRuns =>
  createEngineRuns(
    { device: 'gpu', gpu: { visible: ['0'], memoryMb: undefined, fallback: undefined } },
    withPretendedGpu(process.env, gpu),
  );
const [h200, h100] = ['NVIDIA H200', 'NVIDIA H100'].map(enginesOn) as [EngineRuns, EngineRuns];
afterAll(() => Promise.all([h200.close(), h100.close()]));

function environmentOf({ outcome }: Heard): Environment {
  if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.environment;
}

async function begun(
  engines: EngineRuns,
  atStep: number,
  saved: readonly CheckpointRef[] = [],
): Promise<readonly CheckpointRef[]> {
  const heard = await engines.attempt(run!, { policy: rarely, saved }, stopAt(atStep));
  expect(heard.checkpoints).toHaveLength(1);
  return heard.checkpoints;
}

test('one that is finished where it was begun says nothing', async () => {
  const saved = await begun(h200, 20);
  const last = await h200.attempt(run!, { policy: rarely, saved });
  expect(last.resumption).toMatchObject({ otherMachine: null });
  expect(environmentOf(last).otherMachine).toBeUndefined();
});

test('one that is finished on another GPU is finished, and names both', async () => {
  const whole = await h200.whole(run!);
  const saved = await begun(h200, 20);
  const last = await h100.attempt(run!, { policy: rarely, saved });
  const told = /^saved on .*NVIDIA H200, driver 580\.95\.05; this is .*NVIDIA H100, driver/;
  expect(last.resumption?.otherMachine).toMatch(told);
  expect(environmentOf(last).otherMachine).toMatch(told);
  // Both are the same CPU in truth.
  expect(differences(last, whole)).toEqual([]);
});

test('it is not forgotten when the rest is computed on one GPU, in several attempts', async () => {
  const other = await begun(h100, 40, await begun(h200, 20));
  const last = await h100.attempt(run!, { policy: rarely, saved: other });
  expect(environmentOf(last).otherMachine).toMatch(/NVIDIA H200.*; this is .*NVIDIA H100/);
  const back = await h200.attempt(run!, { policy: rarely, saved: other });
  expect(environmentOf(back).otherMachine).toMatch(/NVIDIA H100.*; this is .*NVIDIA H200/);
});
