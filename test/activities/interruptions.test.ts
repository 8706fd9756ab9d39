/** Runs that are cancelled, interrupted, crash, are overtaken or lose the database while they are under way. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan } from '../../experiment/plan/plan.js';
import type { PlannedRun } from '../../experiment/records/runs.js';
import { semanticVersions } from '../../experiment/kinds/index.js';
import { loadSettings } from '../../settings/settings.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import { eventually } from '../eventually.js';
import { gateBefore } from '../gate.js';
import { stackEnv } from '../stack.js';
import { planOf, runNamed } from './plans.js';
import { createRig, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close());

/** Starts a plan, and waits until the database has so many metrics of one of its runs. */
async function underWay(plan: Plan, { key }: PlannedRun, metrics = 1) {
  const handle = await rig.start(plan);
  await eventually(async () => (await rig.metricsOf(key)).length).toBeGreaterThanOrEqual(metrics);
  return handle;
}

test('cancelling stops the engines and leaves every row cancelled', async () => {
  const working = runNamed({ name: 'work-until-told' });
  const waiting = runNamed({ name: 'succeed/later', needs: [{ role: 'start', run: working.key }] });
  const plan = planOf([working, waiting]);
  await rig.results.registerExperiment(plan);
  await rig.withWorker(async () => {
    const handle = await underWay(plan, working);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
  expect((await rig.rowsOf(plan)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  expect((await rig.results.findExperiment(plan.id))?.state).toBe('cancelled');
});

test('a worker that shuts down interrupts its run, and the next one takes it up', async () => {
  const run = runNamed({ name: 'succeed-again' });
  const plan = planOf([run]);
  await rig.results.registerExperiment(plan);
  const handle = await rig.withWorker(() => underWay(plan, run));
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'interrupted', epoch: 1, failure: null }]);
  await rig.withWorker(() => handle.result());
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'done', epoch: 2 }]);
});

test('an attempt after a crash goes on from what was saved, and tells what it could not use', async () => {
  const run = runNamed({ name: 'checkpoint/crash' });
  const plan = planOf([run]);
  expect(await rig.carryOut(plan)).toMatchObject({ state: 'done', done: 1 });
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'done', epoch: 2, checkpoint: null }]);
  expect(await rig.metricsOf(run.key)).toContainEqual({ series: 'batch_loss', x: 3, value: 60 });
  expect(await rig.results.checkpointsOf(run.key, plan.id)).toMatchObject({ saved: [] });
});

test('a run that was interrupted shows where it goes on', async () => {
  const run = runNamed({ name: 'checkpoint/wait' });
  const plan = planOf([run]);
  await rig.results.registerExperiment(plan);
  const handle = await rig.withWorker(() => underWay(plan, run, 2));
  expect(await rig.rowsOf(plan)).toMatchObject([
    { state: 'interrupted', checkpoint: { step: 3, total: 10 } },
  ]);
  await rig.withWorker(() => handle.result());
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'done', checkpoint: null }]);
});

test('an attempt that was overtaken stops, writes nothing more and takes the result of the other', async () => {
  const run = runNamed({ name: 'work-until-told' });
  const plan = planOf([run]);
  await rig.results.registerExperiment(plan);
  await rig.withWorker(async () => {
    const handle = await underWay(plan, run);
    await rig.sql('UPDATE run SET lease_until = NULL WHERE key = $1', [run.key]);
    const by = {
      worker: 'other',
      holder: 'other',
      experiment: null,
      leaseMs: 60_000,
      versions: semanticVersions,
      precisions: ['float32'] as const,
    };
    const other = await rig.results.beginAttempt(run.key, by);
    if (other.state !== 'claimed') throw new Error(`the run was ${other.state}`);
    const result = { outputs: {}, inputs: [], environment: null };
    await rig.results.completeRun(run.key, other.epoch, result);
    expect(await handle.result()).toMatchObject({ state: 'done', done: 0, cached: 1 });
  });
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'done', epoch: 2, outputs: {} }]);
});

test('an outage of the database in the middle of a run loses and doubles nothing', async () => {
  const gate = await gateBefore(loadSettings(stackEnv()).databaseUrl);
  const results = createResultsStore(gate.url);
  const run = runNamed({ name: 'take-time/3000' });
  const plan = planOf([run]);
  await rig.results.registerExperiment(plan);
  try {
    await rig.withWorker(
      async () => {
        const handle = await underWay(plan, run);
        await gate.shut();
        await new Promise((resolve) => setTimeout(resolve, 1500));
        await gate.open();
        expect(await handle.result()).toMatchObject({ state: 'done', done: 1 });
      },
      { results },
    );
  } finally {
    await results.close();
    await gate.shut();
  }
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'done', epoch: 1 }]);
  const steps = (await rig.metricsOf(run.key)).map(({ x }) => x).sort((a, b) => a - b);
  expect(steps.length).toBeGreaterThan(60);
  expect(steps).toEqual(steps.map((_, i) => i + 1));
});
