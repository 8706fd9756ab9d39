// Checkpoints that are lost or damaged, and an object store that is away: refused, waited for, never loaded wrong.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckpointRef } from '../../experiment/records/records.js';
import { loadSettings } from '../../settings/settings.js';
import { s3Objects } from '../../stores/blobs/s3-objects.js';
import { gateBefore, type Gate } from '../gate.js';
import { stackEnv } from '../stack.js';
import { createEngineRuns, differences, runsOf, type EngineRuns } from './engine-runs.js';

const { s3 } = loadSettings(stackEnv());
const [run] = runsOf(
  'model=mlp',
  'endpoints={ A: { seed: 11, batchSize: 512, epochs: 8 } }',
  'curves={}',
);
const policy = { everySteps: 10, everySeconds: 3600 };
const rarely = { everySeconds: 3600 };

let gate: Gate;
let engines: EngineRuns;
beforeAll(async () => {
  gate = await gateBefore(s3.endpoint!);
  const endpoint = new URL(gate.url).origin;
  engines = createEngineRuns({ s3: { ...s3, endpoint } });
  await engines.whole(run!);
}, 120_000);
afterAll(async () => {
  await engines.close();
  await gate.shut();
});

/** Stopped twice: two checkpoints, newest first. */
async function twoCheckpoints(): Promise<readonly CheckpointRef[]> {
  let saved: readonly CheckpointRef[] = [];
  for (const atStep of [20, 80]) {
    const stop = { atStep, by: 'SIGTERM' } as const;
    const heard = await engines.attempt(run!, { policy: rarely, saved }, stop);
    saved = [...heard.checkpoints, ...saved];
  }
  return saved;
}

async function overwrite({ blob: { digest } }: CheckpointRef, bytes: Uint8Array): Promise<void> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await s3Objects(s3).put(`blobs/sha256/${digest.slice(0, 2)}/${digest.slice(2)}`, bytes, sha256);
}

async function bytesOf({ blob: { digest, bytes } }: CheckpointRef): Promise<Uint8Array> {
  const key = `blobs/sha256/${digest.slice(0, 2)}/${digest.slice(2)}`;
  return (await s3Objects(s3).get(key, bytes))!;
}

test('a damaged checkpoint is refused for the one before it, a truncated one as well', async () => {
  const whole = await engines.whole(run!);
  const saved = await twoCheckpoints();
  expect(saved).toHaveLength(2);
  const [newest, before] = saved as [CheckpointRef, CheckpointRef];
  const good = await bytesOf(newest);
  const flipped = Uint8Array.from(good);
  flipped[good.length - 5]! ^= 1;
  for (const bad of [flipped, good.slice(0, good.length - 100)]) {
    await overwrite(newest, bad);
    const heard = await engines.attempt(run!, { policy: rarely, saved });
    expect(heard.resumption).toMatchObject({
      step: before.step,
      refused: [{ step: newest.step, digest: newest.blob.digest }],
    });
    expect(heard.outcome).toEqual(whole.outcome);
    expect(differences(heard, whole)).toEqual([]);
  }
  await overwrite(before, good.slice(0, 10));
  const heard = await engines.attempt(run!, { policy: rarely, saved });
  expect(heard.resumption).toMatchObject({ step: 0, refused: [{}, {}] });
  expect(heard.outcome).toEqual(whole.outcome);
  await overwrite(newest, good);
  await overwrite(before, Uint8Array.from(good));
  const misplaced = await engines.attempt(run!, { policy: rarely, saved: [before] });
  expect(misplaced.resumption).toMatchObject({ step: 0, refused: [{ step: before.step }] });
}, 240_000);

test('a checkpoint that is nowhere is refused', async () => {
  const blob = { digest: 'e'.repeat(64), bytes: 10 };
  const saved = [{ step: 3, total: 15, blob }];
  const heard = await engines.attempt(run!, { policy: rarely, saved });
  expect(heard.resumption).toMatchObject({ step: 0, refused: [{ step: 3 }] });
  expect(heard.outcome).toEqual((await engines.whole(run!)).outcome);
}, 60_000);

test('while the object store is away training goes on, its state waits here and serves after a stop', async () => {
  const whole = await engines.whole(run!);
  const folder = join(engines.settings.home, 'checkpoints');
  await gate.shut();
  const stop = { atStep: 60, by: 'SIGTERM' } as const;
  const away = await engines.attempt(run!, { policy, saved: [] }, stop);
  expect(away.checkpoints).toEqual([]);
  expect(away.delayed.length).toBeGreaterThan(0);
  const [name, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  const step = Number(name!.split('-')[1]);
  expect(step).toBeGreaterThanOrEqual(60);
  await gate.open();
  const kept = readFileSync(join(folder, name!));
  const again = await engines.attempt(run!, { policy: rarely, saved: [] });
  expect(again.resumption).toMatchObject({ step, refused: [] });
  expect(again.outcome).toEqual(whole.outcome);
  expect(differences(again, whole)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(join(folder, name!), kept.subarray(1));
  const damaged = await engines.attempt(run!, { policy: rarely, saved: [] });
  expect(damaged.resumption).toMatchObject({ step: 0, refused: [{ step }] });
  expect(damaged.outcome).toEqual(whole.outcome);
}, 240_000);

test('an object store that is away at the start of an attempt is an outage, not a damage', async () => {
  const saved = await twoCheckpoints();
  await gate.shut();
  const heard = await engines.attempt(run!, { policy: rarely, saved });
  await gate.open();
  expect(heard.outcome).toMatchObject({ type: 'failed', failure: { type: 'dependency-down' } });
  expect(heard.resumption).toBeNull();
}, 120_000);
