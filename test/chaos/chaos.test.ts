// Faults at places that seeds decide, on the real servers, workers and engines: the end is that of a run without them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { stackEnv } from '../stack.js';
import type { Ending } from './invariants.js';
import { carryOut, cleanEnding, scheduleOf } from './schedule.js';
import { createWorld, type World } from './world.js';

/** Seeds that failed once, with the newest code that they failed on in their commit. */
const kept = z
  .array(z.int())
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'kept-seeds.json'), 'utf8')));
/** One of each phase. */
const few = [1, 2, 3, 4, 5, 6, 7, 8];

let world: World;
let clean: Ending;

beforeAll(async () => {
  world = await createWorld(stackEnv());
  clean = (await cleanEnding(world)).ending;
}, 180_000);
afterAll(() => world?.close(), 60_000);

test('without faults every run is done', () => {
  expect(clean.size).toBe(7);
  for (const told of clean.values()) expect(told).toMatch(/^done, /);
});

test.each([...kept, ...few].map((seed) => scheduleOf(seed)))(
  'seed $seed: $fault.name, $phase',
  async (schedule) => {
    const { violations, struck } = await carryOut(world, schedule, clean);
    expect(violations, `seed ${schedule.seed}`).toEqual([]);
    expect(struck).toBe(true);
  },
  240_000,
);
