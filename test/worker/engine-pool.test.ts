import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelName } from '../../experiment/catalogue/models/index.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { EngineJob } from '../../experiment/records/records.js';
import type { EngineLayout } from '../../settings/engines.js';
import { eventually } from '../eventually.js';
import type { EnginePlace } from '../../worker/engine-environment.js';
import {
  createEnginePool,
  type EnginePool,
  type EnginePoolOptions,
} from '../../worker/engine-pool.js';
import { jobNamed, listener } from './jobs.js';

const script = fileURLToPath(new URL('./fake-engine.mjs', import.meta.url));
const never = new AbortController().signal;
const oneSlot: EngineLayout = { slots: 1, threads: { small: 1, large: 2 } };
let logDir: string;
let pool: EnginePool;

function start(options: Partial<EnginePoolOptions> = {}): EnginePool {
  pool = createEnginePool({
    layout: oneSlot,
    script,
    logDir,
    readyTimeoutMs: 10_000,
    graceMs: 300,
    maxJobs: 100,
    maxRssBytes: 2 ** 40,
    environment: () => process.env,
    ...options,
  });
  return pool;
}

const run = (name: string, signal = never) => pool.execute(jobNamed(name), listener(), signal);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

beforeEach(() => {
  logDir = mkdtempSync(join(tmpdir(), 'isthmus-engines-'));
});
afterEach(async () => {
  await pool.close();
  rmSync(logDir, { recursive: true, force: true });
});

test('a job gives its outputs, what computed them, its progress and its metrics', async () => {
  const heard = listener();
  const outcome = await start().execute(jobNamed('succeed'), heard, never);
  expect(outcome).toMatchObject({
    type: 'done',
    outputs: { weights: { bytes: 4 } },
    environment: { tensorflow: 'fake' },
  });
  expect(heard.phases).toEqual(['fake']);
  expect(heard.rows).toEqual([{ series: 'batch_loss', x: 0, value: 1.5 }]);
});

test('NaN and infinities in metrics survive the way out of the engine', async () => {
  const heard = listener();
  await start().execute(jobNamed('diverge'), heard, never);
  expect(heard.rows.map(({ value }) => value)).toEqual([NaN, Infinity, -Infinity]);
  expect(heard.rows.map(({ reason }) => reason)).toEqual(Array(3).fill('overflow'));
});

test('one engine stays warm from job to job, also after a failed one', async () => {
  start();
  const [pid] = pool.pids();
  await run('succeed');
  expect(await run('fail/bad-input')).toEqual({
    type: 'failed',
    failure: { type: 'bad-input', message: 'scripted: bad-input' },
  });
  expect(await run('succeed')).toMatchObject({ type: 'done' });
  expect(pool.pids()).toEqual([pid]);
});

test.each([
  ['has done its share of jobs', { maxJobs: 1 }, 'succeed'],
  ['holds more tensors than before', {}, 'leak'],
  ['has grown too large', { maxRssBytes: 2 ** 30 }, 'grow'],
])('an engine that %s is replaced before the next job', async (_why, limits, name) => {
  start(limits);
  const [worn] = pool.pids();
  expect(await run(name)).toMatchObject({ type: 'done' });
  expect(await run('succeed')).toMatchObject({ type: 'done' });
  expect(pool.pids()).not.toEqual([worn]);
  expect(isAlive(worn!)).toBe(false);
});

test('a crash costs one job: it says what was seen, and the next job gets a new engine', async () => {
  start();
  const outcome = await run('segfault');
  expect(outcome).toMatchObject({ type: 'failed', failure: { type: 'crashed' } });
  expect(JSON.stringify(outcome)).toContain('killed by SIGSEGV');
  expect(await run('succeed')).toMatchObject({ type: 'done' });
});

test('an engine that died between two jobs is replaced without failing the next', async () => {
  start();
  await run('succeed');
  process.kill(pool.pids()[0]!, 'SIGKILL');
  await eventually(() => isAlive(pool.pids()[0]!)).toBe(false);
  expect(await run('succeed')).toMatchObject({ type: 'done' });
});

test('an exhausted heap is told from a crash by what the engine printed last', async () => {
  start();
  expect(await run('exhaust-heap')).toMatchObject({
    type: 'failed',
    failure: {
      type: 'out-of-memory',
      message: expect.stringContaining('heap out of memory') as string,
    },
  });
});

test('a small engine killed from outside is called crashed, not out of memory', async () => {
  start();
  expect(await run('killed-from-outside')).toMatchObject({ failure: { type: 'crashed' } });
});

test('an engine that breaks the protocol is ended and its job fails', async () => {
  start();
  expect(await run('garbage')).toMatchObject({
    failure: { type: 'crashed', message: expect.stringContaining('protocol') as string },
  });
  expect(await run('succeed')).toMatchObject({ type: 'done' });
});

test('an engine that cannot start fails the job with its last words', async () => {
  start({ environment: () => ({ ...process.env, FAKE_ENGINE_FAILS_TO_START: '1' }) });
  expect(await run('succeed')).toMatchObject({
    type: 'failed',
    failure: { type: 'crashed', message: expect.stringContaining('libtensorflow.so.2') as string },
  });
  expect(readFileSync(join(logDir, 'engine-0.log'), 'utf8')).toContain('libtensorflow.so.2');
});

test.each(['work-until-told', 'stubborn', 'block/15000'])(
  'an aborted job is let go within the grace period, even by an engine that does %s',
  async (name) => {
    start();
    const stop = new AbortController();
    const heard = listener();
    const outcome = pool.execute(jobNamed(name), heard, stop.signal);
    await heard.started;
    const [pid] = pool.pids();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const beganMs = performance.now();
    stop.abort();
    expect(await outcome).toEqual({ type: 'stopped' });
    expect(performance.now() - beganMs).toBeLessThan(2000);
    expect(isAlive(pid!)).toBe(false);
    expect(await run('succeed')).toMatchObject({ type: 'done' });
  },
);

test('two slots run two jobs at once, a third waits for its turn', async () => {
  start({ layout: { ...oneSlot, slots: 2 } });
  const stop = new AbortController();
  const first = listener();
  const second = listener();
  const busy = [first, second].map((heard) =>
    pool.execute(jobNamed('work-until-told'), heard, stop.signal),
  );
  await Promise.all([first.started, second.started]);
  let finished = false;
  const third = run('succeed').finally(() => (finished = true));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(finished).toBe(false);
  stop.abort();
  await Promise.all(busy);
  expect(await third).toMatchObject({ type: 'done' });
});

describe('precision of products', () => {
  const inTf32 = (): EngineJob => {
    const { run: plain, ...job } = jobNamed('succeed');
    return { ...job, run: { ...plain, spec: { ...plain.spec, precision: 'tf32' } as RunSpec } };
  };

  test('an engine serves one: for another a new one is started in its place', async () => {
    const places: EnginePlace[] = [];
    const environment: EnginePoolOptions['environment'] = (place) => {
      places.push(place);
      return process.env;
    };
    start({ environment });
    for (const job of [jobNamed('succeed'), inTf32(), inTf32(), jobNamed('succeed')]) {
      expect(await pool.execute(job, listener(), never)).toMatchObject({ type: 'done' });
    }
    expect(places).toEqual(
      (['float32', 'tf32', 'float32'] as const).map((precision) => ({
        ...{ slot: 0, threads: 1, precision },
      })),
    );
  });

  test('an engine of the right precision is preferred to a restart', async () => {
    start({ layout: { ...oneSlot, slots: 2 } });
    await pool.execute(inTf32(), listener(), never);
    const before = pool.pids();
    await pool.execute(inTf32(), listener(), never);
    await run('succeed');
    expect(pool.pids()).toEqual(before);
  });
});

test('a pool says why its engines cannot take a job, before one is lost', async () => {
  start({ layout: { ...oneSlot, slots: 2 } });
  expect(await pool.unusable()).toBeNull();
  await pool.close();
  start({ environment: () => ({ ...process.env, FAKE_ENGINE_FAILS_TO_START: '1' }) });
  expect(await pool.unusable()).toMatchObject({
    message: expect.stringContaining('libtensorflow.so.2') as string,
  });
});

describe('threads by the size of the network', () => {
  const environment: EnginePoolOptions['environment'] = ({ threads }) => ({
    ...process.env,
    OMP_NUM_THREADS: String(threads),
  });
  const compute = async (model: ModelName): Promise<number> => {
    const outcome = await pool.execute(jobNamed('succeed', model), listener(), never);
    if (outcome.type !== 'done') throw new Error(outcome.type);
    return outcome.environment.threads;
  };

  test('a large network is computed with those for large ones, a small one with those for small ones', async () => {
    start({ environment });
    expect(await compute('cnn-small')).toBe(1);
    const [small] = pool.pids();
    expect(await compute('vgg16')).toBe(2);
    const [large] = pool.pids();
    expect(isAlive(small!)).toBe(false);
    expect(await compute('preresnet26')).toBe(2);
    expect(pool.pids()).toEqual([large]);
    expect(await compute('cnn-small')).toBe(1);
  });

  test('an engine of the right number of threads is preferred to a restart', async () => {
    start({ environment, layout: { ...oneSlot, slots: 2 } });
    expect(await compute('vgg16')).toBe(2);
    const before = pool.pids();
    expect([await compute('vgg16'), await compute('cnn-small')]).toEqual([2, 1]);
    expect(pool.pids()).toEqual(before);
  });
});
