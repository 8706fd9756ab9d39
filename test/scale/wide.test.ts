/**
 * A wide experiment on the real servers and one worker: every run once, and no limit of Temporal's near. With SCALE_RUNS
 * (`SCALE_RUNS=10000 npm test -- test/scale`) it measures, prints what it found and holds it to the bars that are
 * checked below.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { experimentSchema } from '../../experiment/experiment.js';
import { planExperiment, type Plan } from '../../experiment/plan/plan.js';
import { workflowType } from '../../experiment/records/temporal-names.js';
import { startOptions } from '../../experiment/plan/start-options.js';
import type {
  ExperimentInput,
  ExperimentResult,
} from '../../experiment/records/workflow-records.js';
import { homeFolder, loadSettings } from '../../settings/settings.js';
import { findDaemon } from '../../infra/local/daemon.js';
import { readyPath } from '../../settings/paths.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import type { ResultsStore } from '../../stores/results/results-store.js';
import { isthmus } from '../cli/isthmus.js';
import { compiled } from '../compiled.js';
import { stackEnv } from '../stack.js';
import { sha256 } from '../stores/results/plans.js';
import { historyLengths, steadyRate, watchUntil, type Watched } from './sampling.js';

const asked = process.env['SCALE_RUNS'];
const runs = Number(asked ?? 300);
/** So that a few hundred runs pass through many batches and through continue-as-new. */
const smallWindows = { runsPerBatch: 40, eventsPerBatch: 400, eventsPerExperiment: 60 };

let worker: ChildProcess;
let connection: Connection;
let client: Client;
let store: ResultsStore;

beforeAll(async () => {
  const { temporal, databaseUrl } = loadSettings(stackEnv());
  const program = compiled('worker/main.ts');
  const args = ['--enable-source-maps', program, '--queues', 'control,cpu', '--log-level', 'error'];
  worker = spawn(process.execPath, args, { env: stackEnv(), stdio: 'inherit' });
  await vi.waitFor(() => expect(existsSync(readyPath(homeFolder(stackEnv())))).toBe(true), 60_000);
  connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection });
  store = createResultsStore(databaseUrl);
});
afterAll(async () => {
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  await connection.close();
  await store.close();
});

function probes(name: string, count: number, more: object = {}): Plan {
  const config = { name, dataset: 'mnist', model: 'cnn-small', probes: { count, ...more } };
  return planExperiment(experimentSchema.parse(config), sha256);
}

async function begin(plan: Plan, limits?: ExperimentInput['limits']) {
  await store.registerExperiment(plan);
  const { args, ...options } = startOptions(plan);
  return client.workflow.start<(input: ExperimentInput) => Promise<ExperimentResult>>(
    workflowType,
    { ...options, args: [{ ...args[0], ...(limits ? { limits } : {}) }] },
  );
}

async function carryOut(plan: Plan, limits?: ExperimentInput['limits']) {
  const handle = await begin(plan, limits);
  const result = handle.result();
  const watched = await watchUntil(result, {
    ...{ client, store, experiment: plan.id },
    workerPid: worker.pid!,
    serverPid: findDaemon(homeFolder(stackEnv()), 'temporal')!.pid,
    askStatus: () => isthmus(stackEnv(), 'status', plan.id),
  });
  return { result: await result, watched };
}

function print(watched: Watched, lengths: readonly number[]): void {
  const { samples, statusMs } = watched;
  const columns = samples.filter((_, i) => i % Math.ceil(samples.length / 12) === 0);
  console.table(
    columns.map(({ seconds, ended, pending, workerMb, serverMb }) => ({
      ...{ seconds: Math.round(seconds), ended, pending },
      'worker MB': Math.round(workerMb),
      'server MB': Math.round(serverMb),
    })),
  );
  console.log(
    [
      `${runs} runs: ${steadyRate(samples, runs).toFixed(0)} runs/s in steady state`,
      `${Math.max(...samples.map(({ pending }) => pending))} activities pending at most`,
      `${lengths.length} workflows, ${lengths[0]} events in the longest history`,
      `status in ${statusMs.map((ms) => ms.toFixed(0)).join(', ')} ms`,
    ].join('\n'),
  );
}

test(
  `${runs} runs are each carried out once, in histories of fewer than 4,096 events`,
  { timeout: 30 * 60_000 },
  async () => {
    const plan = probes('wide', runs);
    const { result, watched } = await carryOut(plan, asked ? undefined : smallWindows);
    expect(result).toMatchObject({ state: 'done', done: runs, cached: 0, failed: 0, blocked: 0 });
    const rows = await store.runsOf(plan.id);
    expect(rows.filter(({ state, epoch }) => state === 'done' && epoch === 1)).toHaveLength(runs);
    const metrics = await store.metricsOf(rows.map(({ run }) => run.key));
    expect([...metrics.values()].map(([row]) => row?.value)).toEqual(rows.map((_, i) => i));
    const perBatch = asked ? 500 : smallWindows.runsPerBatch;
    const lengths = await historyLengths(client, plan.id, runs / perBatch);
    expect(lengths[0]).toBeLessThan(4096);
    expect(Math.max(...watched.samples.map(({ pending }) => pending))).toBeLessThanOrEqual(500);
    if (asked) print(watched, lengths);
    if (asked) expect(steadyRate(watched.samples, runs)).toBeGreaterThan(60);
    if (asked) expect(Math.max(...watched.statusMs)).toBeLessThan(1000);
  },
);

test('probes in rows wait for each other, and a failure blocks the rest of its row only', async () => {
  const plan = probes('rows', 60, { chain: 3, failEvery: 20 });
  const handle = await begin(plan, smallWindows);
  expect(await handle.result()).toMatchObject({ state: 'failed', failed: 3, blocked: 3 });
  const rows = await store.runsOf(plan.id);
  const of = (state: string) =>
    rows.filter((row) => row.state === state).map(({ run }) => run.name);
  expect(of('failed')).toEqual(['probe/19', 'probe/39', 'probe/59']);
  expect(of('blocked')).toEqual(['probe/20', 'probe/40', 'probe/41']);
  for (const row of rows.filter(
    ({ run }) => run.needs.length > 0 && of('done').includes(run.name),
  )) {
    const need = rows.find(({ run }) => run.key === row.run.needs[0]!.run)!;
    expect(row.startedAt!.getTime()).toBeGreaterThanOrEqual(need.finishedAt!.getTime());
  }
});

test('an experiment of 1,000 runs that are all cached ends in under 3 s', async () => {
  const [first, second] = ['cached', 'cached-again'].map((name) => probes(name, 1000, { seed: 2 }));
  await (await begin(first!)).result();
  const began = performance.now();
  const result = await (await begin(second!)).result();
  const ms = performance.now() - began;
  if (asked) console.log(`1,000 cached runs: ${ms.toFixed(0)} ms`);
  expect(result).toMatchObject({ state: 'done', done: 0, cached: 1000 });
  expect(ms).toBeLessThan(3000);
}, 180_000);

test('100,000 runs are planned in under 10 s', { timeout: 120_000 }, async () => {
  const began = performance.now();
  const plan = probes('plan', 100_000, { chain: 10 });
  const plannedMs = performance.now() - began;
  expect(plan.runs).toHaveLength(100_000);
  expect(plannedMs).toBeLessThan(10_000);
  if (!asked) return;
  await store.registerExperiment(plan);
  const storedMs = performance.now() - began - plannedMs;
  console.log(
    `100,000 runs: planned in ${plannedMs.toFixed(0)} ms, stored in ${storedMs.toFixed(0)} ms`,
  );
});
