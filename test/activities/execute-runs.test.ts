import { tmpdir } from 'node:os';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { createRunActivities, createSpoolBudget } from '../../activities/index.js';
import { loadSettings } from '../../infra/settings.js';
import { createResultsStore } from '../../stores/prisma-results-store.js';
import { stackEnv } from '../stack.js';
import { gateBefore } from '../gate.js';
import { newKey, planOf, runNamed } from './plans.js';
import { createRig, type Rig } from './rig.js';

let rig: Rig;
const spool = createSpoolBudget(tmpdir(), 0);

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
    ...{ failed: 1, blocked: 1 },
    problems: [
      { name: 'fail/diverged', why: 'diverged: scripted: diverged' },
      { name: 'succeed/child', why: 'blocked: fail/diverged failed' },
    ],
  });
  expect(await rig.rowsOf(plan)).toMatchObject([
    { state: 'failed', epoch: 1, failure: { type: 'diverged' } },
    { state: 'blocked', epoch: 0, reason: 'fail/diverged failed' },
  ]);
  expect((await rig.results.findExperiment(plan.id))?.state).toBe('failed');
});

test('a crash is tried three times, then the run has failed and its siblings are done', async () => {
  const plan = planOf([runNamed({ name: 'segfault' }), runNamed({ name: 'succeed/beside' })]);
  const result = await rig.carryOut(plan);
  expect(result).toMatchObject({ state: 'failed', done: 1, failed: 1 });
  expect(result.problems[0]!.why).toMatch(/^crashed: .*SIGSEGV/);
  expect(await rig.rowsOf(plan)).toMatchObject([
    { state: 'failed', epoch: 3, failure: { type: 'crashed' } },
    { state: 'done', epoch: 1 },
  ]);
});

test('a run that no longer moves is stopped and called so', async () => {
  const plan = planOf([runNamed({ name: 'hang' })]);
  const result = await rig.carryOut(plan, { noProgressTimeoutMs: 700 });
  expect(result.problems).toMatchObject([{ why: expect.stringMatching(/^no-progress:/) }]);
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'failed', epoch: 3 }]);
});

test('every kind of failure is called by its name, and is that of one run only', async () => {
  const kinds = {
    'fail/diverged': 'diverged',
    'fail/bad-input': 'bad-input',
    'fail/disk-full': 'disk-full',
    'exhaust-heap': 'out-of-memory',
    segfault: 'crashed',
    hang: 'no-progress',
  };
  const names = [...Object.keys(kinds), 'succeed/one', 'succeed/two'];
  const plan = planOf(names.map((name) => runNamed({ name })));
  expect(await rig.carryOut(plan, { noProgressTimeoutMs: 700 })).toMatchObject({ done: 2 });
  const found = (await rig.rowsOf(plan)).map(({ run, state, failure }) => [
    run.name,
    failure?.type ?? state,
  ]);
  const expected = { ...kinds, 'succeed/one': 'done', 'succeed/two': 'done' };
  expect(Object.fromEntries(found)).toEqual(expected);
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

test('an attempt after a crash goes on from what was saved, and tells what it could not use', async () => {
  const run = runNamed({ name: 'checkpoint/crash' });
  const plan = planOf([run]);
  expect(await rig.carryOut(plan)).toMatchObject({ state: 'done', done: 1 });
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'done', epoch: 2, checkpoint: null }]);
  expect(await metricsOf(run.key)).toContainEqual({ series: 'batch_loss', x: 3, value: 60 });
  expect(await rig.results.checkpointsOf(run.key, plan.id)).toMatchObject({ saved: [] });
});

test('a run that was interrupted shows where it goes on', async () => {
  const run = runNamed({ name: 'checkpoint/wait' });
  const plan = planOf([run]);
  await rig.results.registerExperiment(plan);
  const handle = await rig.withWorker(async () => {
    const started = await rig.start(plan);
    await eventually(async () => (await metricsOf(run.key)).length).toBeGreaterThan(1);
    return started;
  });
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
    const handle = await rig.start(plan);
    await eventually(async () => (await metricsOf(run.key)).length).toBeGreaterThan(0);
    await rig.sql('UPDATE run SET lease_until = NULL WHERE key = $1', [run.key]);
    const by = { worker: 'other', holder: 'other', experiment: null, leaseMs: 60_000 };
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

test('two experiments that share a run compute it once, and the later takes the result of the earlier', async () => {
  const run = runNamed({ name: 'take-time/1500' });
  const plans = [planOf([run]), planOf([run, runNamed({ name: 'succeed/own' })])];
  for (const plan of plans) await rig.results.registerExperiment(plan);
  const ended = await rig.withWorker(async () => {
    const handles = await Promise.all(plans.map((plan) => rig.start(plan)));
    return Promise.all(handles.map((handle) => handle.result()));
  });
  const counts = ended.map(({ done, cached }) => [done, cached]);
  expect([
    [
      [1, 0],
      [1, 1],
    ],
    [
      [0, 1],
      [2, 0],
    ],
  ]).toContainEqual(counts);
  expect((await rig.rowsOf(plans[0]!))[0]).toMatchObject({ state: 'done', epoch: 1 });
});

test('of two experiments that share a run the later shares its failure too', async () => {
  const run = runNamed({ name: 'fail-after/1500' });
  const plans = [planOf([run]), planOf([run])];
  for (const plan of plans) await rig.results.registerExperiment(plan);
  const ended = await rig.withWorker(async () => {
    const handles = await Promise.all(plans.map((plan) => rig.start(plan)));
    return Promise.all(handles.map((handle) => handle.result()));
  });
  expect(ended).toMatchObject([{ failed: 1 }, { failed: 1 }]);
  expect((await rig.rowsOf(plans[0]!))[0]).toMatchObject({ state: 'failed', epoch: 1 });
});

test('20 simultaneous starts of one experiment make one, whose runs begin once', async () => {
  const runs = Array.from({ length: 5 }, (_, i) => runNamed({ name: `take-time/${300 + i}` }));
  const plan = planOf(runs);
  await rig.withWorker(async () => {
    const handles = await Promise.all(
      Array.from({ length: 20 }, async () => {
        await rig.results.registerExperiment(plan);
        return rig.start(plan);
      }),
    );
    expect(new Set(handles.map(({ firstExecutionRunId }) => firstExecutionRunId)).size).toBe(1);
    expect(await handles[0]!.result()).toMatchObject({ state: 'done', done: 5 });
  });
  expect((await rig.rowsOf(plan)).map(({ epoch }) => epoch)).toEqual([1, 1, 1, 1, 1]);
});

test('of probes that share an activity some fail, and the others are done', async () => {
  const probe = (index: number) =>
    runNamed({
      ...{ name: `probe/${index}`, queue: 'cpu' },
      spec: { kind: 'probe', seed: 1, index, sleepMs: 0, fails: index % 10 === 9 },
    });
  const plan = planOf(Array.from({ length: 40 }, (_, index) => probe(index)));
  expect(await rig.carryOut(plan)).toMatchObject({ state: 'failed', done: 36, failed: 4 });
  const rows = await rig.rowsOf(plan);
  expect(rows.filter(({ state }) => state === 'failed').map(({ run }) => run.name)).toEqual([
    ...['probe/9', 'probe/19', 'probe/29', 'probe/39'],
  ]);
  expect(await metricsOf(rows[7]!.run.key)).toEqual([{ series: 'probe_index', x: 0, value: 7 }]);
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
  const deps = {
    results: rig.results,
    engines: rig.pool,
    worker: 'w',
    noProgressTimeoutMs: 1000,
    spool,
  };
  const { executeRuns } = createRunActivities(deps);
  const order = { experiment: plan.id, runs: [run.key] };
  const attempt = new MockActivityEnvironment().run(executeRuns, order);
  await expect(attempt).rejects.toMatchObject({ type: 'bad-input', nonRetryable: true });
  expect((await rig.rowsOf(plan))[1]).toMatchObject({
    state: 'failed',
    failure: { type: 'bad-input', message: expect.stringContaining('which is queued') as string },
  });
});

test('a run that the database does not know is refused with what to do', async () => {
  const deps = {
    results: rig.results,
    engines: rig.pool,
    worker: 'w',
    noProgressTimeoutMs: 1000,
    spool,
  };
  const { executeRuns } = createRunActivities(deps);
  const order = { experiment: 'x', runs: [newKey()] };
  const attempt = new MockActivityEnvironment().run(executeRuns, order);
  await expect(attempt).rejects.toMatchObject({
    type: 'bad-input',
    message: expect.stringContaining('isthmus run') as string,
  });
});
