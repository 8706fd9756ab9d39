// Faults at places that seeds decide, on the real servers, workers and engines: the end is that of a run without them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { blobKey } from '../../stores/blobs/blob-keys.js';
import { stackEnv } from '../stack.js';
import { violations, type Ending } from './invariants.js';
import { phases } from './phases.js';
import { carryOut, cleanEnding, scheduleOf } from './schedule.js';
import { chaosPlan } from './study.js';
import { createWorld, type World } from './world.js';

/** Seeds that failed once, with the newest code that they failed on in their commit. */
const kept = z
  .array(z.int())
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'kept-seeds.json'), 'utf8')));
/** One of each phase. */
const few = phases.map((_, i) => i + 1);

let world: World;
let clean: Ending;

beforeAll(async () => {
  world = await createWorld(stackEnv());
  clean = (await cleanEnding(world)).ending;
}, 180_000);
afterAll(() => world?.close(), 60_000);

test('without faults every run is done', () => {
  expect(clean.size).toBe(chaosPlan().runs.length);
  for (const told of clean.values()) expect(told).toMatch(/^done, /);
});

test.each([...kept, ...few].map((seed) => scheduleOf(seed)))(
  'seed $seed: $fault.name, $phase',
  async (schedule) => {
    const { violations: broken, struck } = await carryOut(world, schedule, clean);
    expect(broken, `seed ${schedule.seed}`).toEqual([]);
    expect(struck).toBe(true);
  },
  240_000,
);

test('the checks see a number that is lost, a blob that is gone and an attempt that is open', async () => {
  await cleanEnding(world);
  const plan = chaosPlan();
  expect(await violations(world, plan, clean)).toEqual([]);
  await world.query(`DELETE FROM metric WHERE ctid = (SELECT ctid FROM metric LIMIT 1)`);
  await world.query(
    `UPDATE attempt SET outcome = NULL WHERE run = (SELECT run FROM attempt LIMIT 1)`,
  );
  const [row] = await world.query(`SELECT digest FROM run_output LIMIT 1`);
  await world.bucket.remove(blobKey(String(row!['digest'])));
  const found = (await violations(world, plan, clean)).join('\n');
  expect(found).toMatch(/without faults done/);
  expect(found).toMatch(/attempts done, 1 open/);
  expect(found).toMatch(/: missing/);
}, 120_000);
