/**
 * Activities are carried out at least once: here each of an experiment's is, a thousand times over, at once and late, and
 * no row of the database is another for it.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engines } from '../../activities/engines.js';
import {
  createControlActivities,
  createRunActivities,
  createSpoolBudget,
} from '../../activities/index.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { PlannedRun } from '../../experiment/records/runs.js';
import { semanticVersions } from '../../experiment/kinds/index.js';
import type { TakeRequest } from '../../experiment/records/workflow-records.js';
import { loadSettings } from '../../settings/settings.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import { StaleAttemptError, type ResultsStore } from '../../stores/results/results-store.js';
import { stackBlobs, stackEnv } from '../stack.js';
import { artifact, environment } from '../stores/results/plans.js';
import { planOf, runNamed } from './plans.js';

let store: ResultsStore;
let database: pg.Client;

beforeAll(async () => {
  const { databaseUrl } = loadSettings(stackEnv());
  store = createResultsStore(databaseUrl);
  database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await store.close();
});

const logger = new DefaultLogger('ERROR');

/** Outputs of a run follow from its name alone. */
const engines: Engines = {
  execute({ run }, listener) {
    if (run.name === 'fails') {
      const failure = { type: 'diverged', message: 'scripted' } as const;
      return Promise.resolve({ type: 'failed', failure });
    }
    listener.progress(1, 2, 'step');
    void listener.metrics([1, 2, 3].map((x) => ({ series: 'batch_loss', x, value: 1 / x })));
    listener.resumed?.({ step: 0, refused: [], otherMachine: null });
    listener.checkpoint?.({ step: 1, total: 2, blob: artifact(`${run.name} at 1`) });
    const outputs = { weights: artifact(run.name) };
    return Promise.resolve({ type: 'done', outputs, environment });
  },
};

function study() {
  const first = runNamed({ name: 'first' });
  const fails = runNamed({ name: 'fails' });
  const probe = runNamed({
    ...{ name: 'probe', queue: 'cpu' },
    spec: { kind: 'probe', seed: 1, index: 3, sleepMs: 0, fails: false },
  });
  const second = runNamed({ name: 'second', needs: [{ role: 'start', run: first.key }] });
  const blocked = runNamed({ name: 'blocked', needs: [{ role: 'start', run: fails.key }] });
  const plan = planOf([first, fails, probe, second, blocked]);
  return { plan, first, fails, probe, second };
}

interface Step {
  readonly name: string;
  readonly call: () => Promise<unknown>;
}

/** Everything that the workflows of the experiment ask for, in their order. */
function stepsOf({ plan, first, fails, probe, second }: ReturnType<typeof study>): readonly Step[] {
  const spool = createSpoolBudget(mkdtempSync(`${tmpdir()}/isthmus-spool-`), 0);
  const versions = semanticVersions;
  const deps = {
    results: store,
    engines,
    blobs: stackBlobs(),
    worker: 'w',
    versions,
    precisions: ['float32'] as const,
    noProgressTimeoutMs: 20_000,
    spool,
  };
  const control = createControlActivities(store);
  const { executeRuns } = createRunActivities(deps);
  const step = <A extends unknown[]>(
    name: string,
    activity: (...args: A) => Promise<unknown>,
    ...args: A
  ): Step => {
    const info = {
      activityId: name,
      workflowExecution: { workflowId: 'w', runId: `execution of ${plan.id}` },
    };
    return {
      name,
      call: () => new MockActivityEnvironment(info, { logger }).run(activity, ...args),
    };
  };
  const experiment = plan.id;
  const execute = (run: PlannedRun): Step =>
    step(`execute ${run.name}`, executeRuns, { experiment, runs: [run.key] });
  const order = { experiment, batch: 1, others: [], most: 2 };
  const take = (name: string, known: readonly number[]): Step =>
    step(`take ${name}`, control.takeRuns, { ...order, known } satisfies TakeRequest);
  const failure = { type: 'diverged', message: 'scripted' } as const;
  const failed = { experiment, run: fails.key, state: 'failed', failure } as const;
  return [
    step('open', control.openExperiment, experiment),
    take('two', []),
    execute(first),
    execute(fails),
    step('settle', control.settleRun, failed),
    take('the next', []),
    execute(probe),
    execute(second),
    take('none', []),
    step('close', control.closeExperiment, experiment, false),
  ];
}

const byRun = ['attempt', 'metric', 'run_output', 'run_input', 'run_need', 'checkpoint', 'event'];

/** Every row about the experiment and its runs, but for when a lease ends. */
async function rowsOf(plan: Plan): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const keys = plan.runs.map(({ key }) => key);
  const ask = async (table: string, where: string, value: unknown) => {
    const text = `SELECT to_jsonb(t) - 'lease_until' AS row FROM ${table} t WHERE ${where} ORDER BY t`;
    const { rows } = await database.query<{ row: unknown }>(text, [value]);
    return rows.map(({ row }) => row);
  };
  const found: Record<string, readonly unknown[]> = {
    experiment: await ask('experiment', 'id = $1', plan.id),
    experiment_run: await ask('experiment_run', 'experiment = $1', plan.id),
    run: await ask('run', 'key = ANY($1)', keys),
    'event of the experiment': await ask('event', 'experiment = $1', plan.id),
  };
  for (const table of byRun) found[table] = await ask(table, 'run = ANY($1)', keys);
  return found;
}

/** As often one after the other as at once. What is refused is refused each time. */
async function again(steps: readonly Step[], times: number): Promise<number> {
  for (const { call } of steps) {
    for (let i = 0; i < times / 2; i++) await call().catch(() => undefined);
    await Promise.allSettled(Array.from({ length: times / 2 }, call));
  }
  return steps.length * times;
}

/** An attempt that was overtaken, and the newest, write once more whatever they could. */
async function writeAgain(run: PlannedRun, newest: number): Promise<number> {
  const rows = [1, 2, 3].map((x) => ({ series: 'batch_loss', x, value: 1 / x }));
  const outputs = { weights: artifact(run.name) };
  const failure = { type: 'crashed', message: 'late' } as const;
  const writes = (epoch: number): readonly (() => Promise<unknown>)[] => [
    () => store.appendMetrics(run.key, epoch, rows),
    () => store.completeRun(run.key, epoch, { outputs, inputs: [], environment }),
    () => store.endAttempt(run.key, epoch, 'failed', failure),
    () => store.commitCheckpoint(run.key, epoch, { step: 1, total: 2, blob: artifact('late') }),
  ];
  for (const write of writes(newest - 1)) {
    await expect(write()).rejects.toBeInstanceOf(StaleAttemptError);
  }
  expect(await store.renewLease(run.key, newest - 1, 1000)).toBe(false);
  for (const write of writes(newest)) await write();
  await store.recordResumption(run.key, newest, { step: 0, refused: [], otherMachine: null });
  return 10;
}

/** Nobody came back from this attempt. */
async function loseAttempt({ id }: Plan, { key }: PlannedRun): Promise<void> {
  const by = {
    worker: 'lost',
    holder: 'lost',
    experiment: id,
    leaseMs: 0,
    versions: semanticVersions,
    precisions: ['float32'] as const,
  };
  await store.beginAttempt(key, by);
}

test('1,000 duplicate executions of activities change no row, whatever the phase', async () => {
  const parts = study();
  const { plan, first, second } = parts;
  await store.registerExperiment(plan);
  const steps = stepsOf(parts);
  const past: Step[] = [];
  let duplicates = 0;
  for (const step of steps) {
    if (step.name === 'execute first') await loseAttempt(plan, first);
    await step.call().catch(() => undefined);
    const after = await rowsOf(plan);
    // An order that comes late may hand out what is ready by now: the batch is told when it asks next.
    const late = past.filter(({ name }) => !name.startsWith('take'));
    duplicates += await again([step, ...late], 24);
    expect(await rowsOf(plan), `again: ${step.name}`).toEqual(after);
    if (after['run_output']!.length > 0) duplicates += await writeAgain(first, 2);
    expect(await rowsOf(plan), `late writes after: ${step.name}`).toEqual(after);
    past.push(step);
  }
  const end = await rowsOf(plan);
  duplicates += await again(steps, 24);
  expect(await rowsOf(plan)).toEqual(end);
  expect(duplicates).toBeGreaterThan(1000);
  const states = (await store.runsOf(plan.id)).map(({ state, epoch }) => [state, epoch]);
  expect(states).toEqual([
    ['done', 2],
    ['failed', 1],
    ['done', 1],
    ['done', 1],
    ['blocked', 0],
  ]);
  expect((await store.runsOf(plan.id))[3]!.run.key).toBe(second.key);
}, 180_000);

test('activities that are carried out five times at once from the first moment leave what one does', async () => {
  const results = await Promise.all(
    [1, 5].map(async (times) => {
      const parts = study();
      await store.registerExperiment(parts.plan);
      for (const { call } of stepsOf(parts))
        await Promise.allSettled(Array.from({ length: times }, call));
      const rows = await store.runsOf(parts.plan.id);
      const metrics = await store.metricsOf(rows.map(({ run }) => run.key));
      const { rows: ends } = await database.query(
        'SELECT name, outcome FROM experiment_run WHERE experiment = $1 ORDER BY position',
        [parts.plan.id],
      );
      const { rows: made } = await database.query(
        `SELECT er.name, count(*) FILTER (WHERE a.outcome = 'done') AS done, count(*) FILTER (WHERE a.outcome IS NULL) AS open
        FROM experiment_run er JOIN attempt a USING (run) WHERE er.experiment = $1 GROUP BY er.name ORDER BY er.name`,
        [parts.plan.id],
      );
      const { state } = (await store.findExperiment(parts.plan.id))!;
      const runs = rows.map(({ run, state: is, outputs, failure }) => ({
        ...{ name: run.name, is, outputs, failure, metrics: metrics.get(run.key) },
      }));
      return { state, runs, ends, made };
    }),
  );
  expect(results[1]).toEqual(results[0]);
  expect(results[0]!.ends).toMatchObject([
    ...[{ outcome: 'done' }, { outcome: 'failed' }, { outcome: 'done' }],
    ...[{ outcome: 'done' }, { outcome: 'blocked' }],
  ]);
}, 60_000);
