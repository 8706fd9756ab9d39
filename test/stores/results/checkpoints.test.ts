/** The rows that commit checkpoints, against a real Postgres. */
import { afterAll, expect, test } from 'vitest';
import type { CheckpointRef } from '../../../experiment/records/records.js';
import { StaleAttemptError } from '../../../stores/results/results-store.js';
import { artifact, keyOf, plan } from './plans.js';
import { createScratchStore, nothing } from './scratch-store.js';

const { store, claim, close } = await createScratchStore();
afterAll(close);

const at = (step: number): CheckpointRef => ({ step, total: 10, blob: artifact(`step ${step}`) });

async function begun(seed: number) {
  const mine = plan(`saved-${seed}`, 100 * seed);
  await store.registerExperiment(mine);
  const key = keyOf(mine, 'endpoint/A');
  return { id: mine.id, key, epoch: await claim(key) };
}

const savedOf = async (key: string) => (await store.checkpointsOf(key, null)).saved;
const stepOf = async (key: string) => (await store.findRuns([key]))[0]!.checkpoint;

test('the newest two are kept, and the run tells where it goes on', async () => {
  const { id, key, epoch } = await begun(1);
  expect(await stepOf(key)).toBeNull();
  for (const step of [2, 4, 6]) await store.commitCheckpoint(key, epoch, at(step));
  expect(await savedOf(key)).toEqual([at(6), at(4)]);
  expect(await stepOf(key)).toEqual({ step: 6, total: 10 });
  const { policy } = await store.checkpointsOf(key, id);
  expect(policy).toEqual({ everySeconds: 60 });
});

test('the same one twice is one', async () => {
  const { key, epoch } = await begun(2);
  for (let i = 0; i < 2; i++) await store.commitCheckpoint(key, epoch, at(3));
  expect(await savedOf(key)).toEqual([at(3)]);
});

test('one that was refused goes when an attempt that began before it saves again', async () => {
  const { key, epoch } = await begun(3);
  for (const step of [4, 8]) await store.commitCheckpoint(key, epoch, at(step));
  const next = await claim(key);
  await store.commitCheckpoint(key, next, at(6));
  expect(await savedOf(key)).toEqual([at(6), at(4)]);
});

test('an attempt that was overtaken saves nothing', async () => {
  const { key, epoch } = await begun(4);
  await store.commitCheckpoint(key, epoch, at(1));
  await claim(key);
  await expect(store.commitCheckpoint(key, epoch, at(2))).rejects.toThrow(StaleAttemptError);
  expect(await savedOf(key)).toEqual([at(1)]);
});

test('a run that is done has none, and gets none any more', async () => {
  const { key, epoch } = await begun(5);
  await store.commitCheckpoint(key, epoch, at(1));
  await store.completeRun(key, epoch, nothing);
  expect(await savedOf(key)).toEqual([]);
  await store.commitCheckpoint(key, epoch, at(2));
  expect(await savedOf(key)).toEqual([]);
});

test('an experiment that is run again with another policy has the new one', async () => {
  const mine = plan('policy', 900);
  await store.registerExperiment(mine);
  const { config } = mine;
  const checkpoint = { everySteps: 7, everySeconds: 5 };
  const changed = { ...config, execution: { ...config.execution, checkpoint } };
  await store.registerExperiment({ ...mine, config: changed });
  const { policy } = await store.checkpointsOf(keyOf(mine, 'endpoint/A'), mine.id);
  expect(policy).toEqual(checkpoint);
});
