import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { createRunActivities } from '../../activities/index.js';
import { loadSettings } from '../../infra/settings.js';
import { createResultsStore } from '../../stores/prisma-results-store.js';
import { stackEnv } from '../stack.js';
import { gateBefore } from './database-gate.js';
import { newKey, planOf, runNamed } from './plans.js';
import { createRig, type Rig } from './rig.js';

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close());

async function metricsOf(key: string) {
  return (await rig.results.metricsOf([key])).get(key) ?? [];
}

test('a run leaves its outputs, its metrics and what computed it in the database', async () => {
  const run = runNamed({ name: 'succeed/first' });
  const plan = planOf([run]);
  expect(await rig.carryOut(plan)).toMatchObject({ state: 'done', done: 1 });
  const [row] = await rig.rowsOf(plan);
  expect(row).toMatchObject({
    ...{ state: 'done', epoch: 1, failure: null },
    outputs: { weights: { bytes: 4 } },
    environment: { tensorflow: 'fake' },
  });
  expect(await metricsOf(run.key)).toEqual([{ series: 'batch_loss', x: 0, value: 1.5 }]);
  expect((await rig.results.findExperiment(plan.id))?.state).toBe('done');
});

test('an experiment started again computes nothing that is done', async () => {
  const plan = planOf([runNamed({ name: 'succeed/again' })]);
  await rig.carryOut(plan);
  expect(await rig.carryOut(plan)).toMatchObject({ state: 'done', done: 0, cached: 1 });
  expect((await rig.rowsOf(plan))[0]).toMatchObject({ state: 'done', epoch: 1 });
});

test('metrics that are not numbers reach the database as they are', async () => {
  const run = runNamed({ name: 'diverge' });
  await rig.carryOut(planOf([run]));
  expect((await metricsOf(run.key)).map(({ value }) => value)).toEqual([NaN, Infinity, -Infinity]);
});

test('a diverged run is not tried again, and the rows of what needs it say why they never ran', async () => {
  const bad = runNamed({ name: 'fail/diverged' });
  const child = runNamed({ name: 'succeed/child', needs: [{ role: 'start', run: bad.key }] });
  const plan = planOf([bad, child]);
  expect(await rig.carryOut(plan)).toMatchObject({
    state: 'failed',
    failed: [{ name: 'fail/diverged', type: 'diverged', message: 'scripted: diverged' }],
    blocked: [{ name: 'succeed/child', reason: 'fail/diverged failed' }],
  });
  expect(await rig.rowsOf(plan)).toMatchObject([
    { state: 'failed', epoch: 1, failure: { type: 'diverged' } },
    { state: 'blocked', epoch: 0 },
  ]);
  expect((await rig.results.findExperiment(plan.id))?.state).toBe('failed');
});

test('a crash is tried three times, then the run has failed and its siblings are done', async () => {
  const plan = planOf([runNamed({ name: 'segfault' }), runNamed({ name: 'succeed/beside' })]);
  const result = await rig.carryOut(plan);
  expect(result).toMatchObject({ state: 'failed', done: 1, failed: [{ type: 'crashed' }] });
  expect(result.failed[0]!.message).toContain('SIGSEGV');
  expect(await rig.rowsOf(plan)).toMatchObject([
    { state: 'failed', epoch: 3, failure: { type: 'crashed' } },
    { state: 'done', epoch: 1 },
  ]);
});

test('a run that no longer moves is stopped and called so', async () => {
  const plan = planOf([runNamed({ name: 'hang' })]);
  const result = await rig.carryOut(plan, { noProgressTimeoutMs: 700 });
  expect(result.failed).toMatchObject([{ type: 'no-progress' }]);
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'failed', epoch: 3 }]);
});

test('cancelling stops the engines and leaves every row cancelled', async () => {
  const working = runNamed({ name: 'work-until-told' });
  const waiting = runNamed({ name: 'succeed/later', needs: [{ role: 'start', run: working.key }] });
  const plan = planOf([working, waiting]);
  await rig.results.registerExperiment(plan);
  await rig.withWorker(async () => {
    const handle = await rig.start(plan);
    await eventually(async () => (await metricsOf(working.key)).length).toBeGreaterThan(0);
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
  const handle = await rig.withWorker(async () => {
    const started = await rig.start(plan);
    await eventually(async () => (await metricsOf(run.key)).length).toBeGreaterThan(0);
    return started;
  });
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'interrupted', epoch: 1, failure: null }]);
  await rig.withWorker(() => handle.result());
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'done', epoch: 2 }]);
});

test('an attempt that was overtaken stops, writes nothing more and takes the result of the other', async () => {
  const run = runNamed({ name: 'work-until-told' });
  const plan = planOf([run]);
  await rig.results.registerExperiment(plan);
  await rig.withWorker(async () => {
    const handle = await rig.start(plan);
    await eventually(async () => (await metricsOf(run.key)).length).toBeGreaterThan(0);
    const other = await rig.results.beginAttempt(run.key, 'other');
    if (other.done) throw new Error('the run was done already');
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
        const handle = await rig.start(plan);
        await eventually(async () => (await metricsOf(run.key)).length).toBeGreaterThan(0);
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
  const steps = (await metricsOf(run.key)).map(({ x }) => x).sort((a, b) => a - b);
  expect(steps.length).toBeGreaterThan(60);
  expect(steps).toEqual(steps.map((_, i) => i + 1));
});

test('a summary is computed in the worker from the metrics of what it needs', async () => {
  const shared = { dataset: 'mnist', model: 'cnn-small', seed: 1, t: [0, 0.5, 1] } as const;
  const path = { ...shared, path: 'curve', family: 'bezier' } as const;
  const ascent = {
    norm: 'linf',
    epsilon: 0.1,
    stepSize: 0.1,
    steps: 1,
    randomStart: true,
  } as const;
  const evaluation = runNamed({
    name: 'measure/evaluation',
    spec: { ...path, kind: 'evaluation', weightDecay: 0 },
  });
  const attack = runNamed({
    name: 'measure/attack',
    spec: { ...path, ...ascent, kind: 'attack', images: 1 },
  });
  const lanczos = {
    variable: 'inputs',
    operator: 'gauss-newton',
    images: 1,
    maxSteps: 2,
    tolerance: 1e-3,
  } as const;
  const spectrum = runNamed({
    name: 'measure/spectrum',
    spec: { ...path, ...lanczos, kind: 'spectrum' },
  });
  const summary = runNamed({
    name: 'summary/A-B',
    queue: 'cpu',
    spec: { kind: 'summary', path: 'curve' },
    needs: [
      { role: 'evaluation', run: evaluation.key },
      { role: 'attack:pgd', run: attack.key },
      { role: 'spectrum', run: spectrum.key },
    ],
  });
  const plan = planOf([evaluation, attack, spectrum, summary]);
  expect(await rig.carryOut(plan)).toMatchObject({ state: 'done', done: 4 });
  const found = Object.fromEntries((await metricsOf(summary.key)).map((m) => [m.series, m.value]));
  expect(found).toMatchObject({ 'test_error.max': 2, 'arc_length.total': 1 });
  expect(found['pgd.pearson']).toBeCloseTo(1, 12);
});

test('a run whose input is not there fails at once, and its row says what is missing', async () => {
  const missing = runNamed({ name: 'succeed/never-run' });
  const run = runNamed({ name: 'succeed/needy', needs: [{ role: 'start', run: missing.key }] });
  const plan = planOf([missing, run]);
  await rig.results.registerExperiment(plan);
  const deps = { results: rig.results, engines: rig.pool, worker: 'w', noProgressTimeoutMs: 1000 };
  const { executeRun } = createRunActivities(deps);
  const order = { experiment: plan.id, run: run.key };
  const attempt = new MockActivityEnvironment().run(executeRun, order);
  await expect(attempt).rejects.toMatchObject({ type: 'bad-input', nonRetryable: true });
  expect((await rig.rowsOf(plan))[1]).toMatchObject({
    state: 'failed',
    failure: { type: 'bad-input', message: expect.stringContaining('which is queued') as string },
  });
});

test('a run that the database does not know is refused with what to do', async () => {
  const deps = { results: rig.results, engines: rig.pool, worker: 'w', noProgressTimeoutMs: 1000 };
  const { executeRun } = createRunActivities(deps);
  const attempt = new MockActivityEnvironment().run(executeRun, { experiment: 'x', run: newKey() });
  await expect(attempt).rejects.toMatchObject({
    type: 'bad-input',
    message: expect.stringContaining('isthmus run') as string,
  });
});
