import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MetricRow } from '../../experiment/records/records.js';
import { eventually } from '../eventually.js';
import { createEngineLog, type EngineLog } from '../../worker/engine-log.js';
import { startEngine, type EngineProcess } from '../../worker/engine-process.js';
import { compiled } from '../compiled.js';
import { cleanEnv } from '../environment.js';
import { jobNamed, listener } from './jobs.js';

const script = fileURLToPath(new URL('./real-engine.mjs', import.meta.url));
const never = new AbortController().signal;
const env = { ...cleanEnv(), COMPILED: dirname(dirname(compiled('worker/main.ts'))) };
let folder: string;
let log: EngineLog;
let engine: EngineProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isthmus-engine-'));
  log = createEngineLog(join(folder, 'engine.log'));
  engine = startEngine({ script, env, log, readyTimeoutMs: 10_000, graceMs: 5000 });
});
afterEach(async () => {
  await engine.stop();
  log.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, heard = listener(), signal = never) {
  const environment = await engine.ready;
  if (environment === null) throw new Error((await engine.ended).message);
  return engine.execute(jobNamed(name), environment, heard, signal);
}

test('a run gives its outputs, and its manifest is written before it is called done', async () => {
  const heard = listener();
  const outcome = await run('succeed', heard);
  expect(outcome).toMatchObject({
    type: 'done',
    outputs: { weights: { bytes: 4 } },
    environment: { tensorflow: 'scripted' },
  });
  expect(heard.phases).toEqual(['training']);
  // The body of the run gave no reason: what a network computes is finite or has overflowed.
  expect(heard.rows[0]).toMatchObject({ value: NaN, n: 1, reason: 'overflow' });
  await eventually(() => log.tail().find((l) => l.startsWith('manifest'))).toBeTruthy();
  expect(readFileSync(join(folder, 'engine.log'), 'utf8')).toContain('"format":"isthmus.run/1"');
});

test('tensors that a run leaves behind are counted', async () => {
  await run('leak');
  expect(engine.leftovers().tensorsLeft).toBe(2);
});

test.each([
  ['diverge', 'diverged', 'the loss became NaN at step 7'],
  ['refuse', 'bad-input', 'no such data'],
  ['lose-s3', 'dependency-down', 'S3 does not answer'],
  ['break', 'crashed', 'Cannot read properties of undefined'],
])('a run that ends by %s is a failure of type %s', async (name, type, message) => {
  expect(await run(name)).toEqual({
    type: 'failed',
    failure: { type, message: expect.stringContaining(message) as string },
  });
});

test('SIGTERM ends a training run at its next step', async () => {
  const stop = new AbortController();
  const heard = listener();
  const outcome = run('train', heard, stop.signal);
  await heard.started;
  const beganMs = performance.now();
  stop.abort();
  expect(await outcome).toEqual({ type: 'stopped' });
  expect(performance.now() - beganMs).toBeLessThan(1000);
});

/** Finds no room for the metrics of step 10 until it is told to. */
function full() {
  let makeRoom = (): void => undefined;
  const room = new Promise<void>((resolve) => (makeRoom = resolve));
  const steps: number[] = [];
  const metrics = (rows: readonly MetricRow[]): Promise<void> | undefined => {
    steps.push(...rows.map(({ x }) => x));
    return steps.length === 10 ? room : undefined;
  };
  return { ...listener(), metrics, steps, makeRoom: () => makeRoom() };
}

test('an engine whose metrics find no room computes no further until they do, and loses none', async () => {
  const heard = full();
  const outcome = run('measure', heard);
  await eventually(() => heard.steps.length).toBeGreaterThanOrEqual(10);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const held = heard.steps.length;
  expect(held).toBeLessThan(30);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(heard.steps.length).toBe(held);
  heard.makeRoom();
  expect(await outcome).toMatchObject({ type: 'done' });
  expect(heard.steps).toEqual(Array.from({ length: 60 }, (_, step) => step));
});

test('an engine that is held stops when it is told to', async () => {
  const heard = full();
  const stop = new AbortController();
  const outcome = run('measure', heard, stop.signal);
  await eventually(() => heard.steps.length).toBeGreaterThanOrEqual(10);
  await new Promise((resolve) => setTimeout(resolve, 100));
  stop.abort();
  expect(await outcome).toEqual({ type: 'stopped' });
});

test.each(['idle', 'train', 'block'])(
  'an engine whose worker is killed while it is at %s is gone within two seconds',
  async (name) => {
    const parent = spawn(
      process.execPath,
      [fileURLToPath(new URL('./parent-of-engine.mjs', import.meta.url)), script, name],
      { env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.on('data', (data: Buffer) => resolve(Number(data.toString()))),
    );
    process.kill(pid, 0);
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(pid), { timeout: 2000, interval: 50 }).toBe(false);
  },
);

/** A zombie that nobody reaps has ended all the same. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
