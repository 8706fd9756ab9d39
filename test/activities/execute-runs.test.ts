/** Runs carried out by workflow, activities and database together: what they leave, and what they share. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan } from '../../experiment/plan/plan.js';
import type { ExperimentResult } from '../../experiment/records/workflow-records.js';
import { planOf, runNamed } from './plans.js';
import { createRig, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close());

/** The results of experiments that one worker carries out at the same time. */
async function carryOutAtOnce(plans: readonly Plan[]): Promise<readonly ExperimentResult[]> {
  for (const plan of plans) await rig.results.registerExperiment(plan);
  return rig.withWorker(async () => {
    const handles = await Promise.all(plans.map((plan) => rig.start(plan)));
    return Promise.all(handles.map((handle) => handle.result()));
  });
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
  expect(await rig.metricsOf(run.key)).toEqual([{ series: 'batch_loss', x: 0, value: 1.5 }]);
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
  const rows = await rig.metricsOf(run.key);
  expect(rows.map(({ value }) => value)).toEqual([NaN, Infinity, -Infinity]);
  expect(rows.map(({ n, reason }) => [n, reason])).toEqual(Array(3).fill([1, 'overflow']));
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
  expect(await rig.metricsOf(rows[7]!.run.key)).toEqual([
    { series: 'probe_index', x: 0, value: 7 },
  ]);
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
  const metrics = await rig.metricsOf(summary.key);
  const found = Object.fromEntries(metrics.map(({ series, value }) => [series, value]));
  expect(found).toMatchObject({ 'test_error.max': 2, 'arc_length.total': 1 });
  expect(found['pgd.pearson']).toBeCloseTo(1, 12);
});

test('two experiments that share a run compute it once, and the later takes the result of the earlier', async () => {
  const run = runNamed({ name: 'take-time/1500' });
  const plans = [planOf([run]), planOf([run, runNamed({ name: 'succeed/own' })])];
  const ended = await carryOutAtOnce(plans);
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
  const ended = await carryOutAtOnce(plans);
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
