import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { progressQuery } from '../../experiment/temporal-names.js';
import type { ExperimentProgress, ExperimentResult } from '../../experiment/workflow-records.js';
import { maxPendingRuns, maxRunsPerWorkflow } from '../../workflows/options.js';
import { bundleWorkflows } from './bundle.js';
import { startDevServer } from './dev-server.js';
import { failing, scriptedActivities, untilCancelled, type Script } from './scripted-activities.js';
import { inputOf, runOf, serving, startExperiment } from './serving.js';

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  [env, bundle] = await Promise.all([startDevServer(), bundleWorkflows()]);
});
afterAll(() => env.teardown());

async function resultOf(
  runs: readonly ReturnType<typeof runOf>[],
  script: Script = {},
  concurrency?: number,
) {
  const activities = scriptedActivities(script);
  const result = await serving(env, bundle, activities, async () => {
    const handle = await startExperiment(env, inputOf(runs, concurrency));
    return (await handle.result()) as ExperimentResult;
  });
  return { result, ...activities };
}

const clean = { failed: [], blocked: [] };

test('a run starts only after everything that it needs has ended', async () => {
  const diamond = [runOf('a'), runOf('b', ['a']), runOf('c', ['a']), runOf('d', ['b', 'c'])];
  const { result, events, closings } = await resultOf(diamond);
  expect(result).toEqual({ state: 'done', done: 4, cached: 0, ...clean });
  const at = (event: string) => events.indexOf(event);
  for (const [run, need] of ['ba', 'ca', 'db', 'dc']) {
    expect(at(`start ${run}`)).toBeGreaterThan(at(`end ${need}`));
  }
  expect(closings).toMatchObject([{ state: 'done', failed: [], blocked: [], cancelled: [] }]);
});

test('runs that need nothing of each other run at the same time', async () => {
  const { peak } = await resultOf([runOf('a'), runOf('b'), runOf('c')]);
  expect(peak()).toBe(3);
});

test('no more runs are in flight than the concurrency allows', async () => {
  const many = Array.from({ length: 12 }, (_, i) => runOf(`r${i}`));
  const { result, peak } = await resultOf(many, {}, 3);
  expect(result.done).toBe(12);
  expect(peak()).toBe(3);
});

test('never more than 500 activities are pending, whatever the concurrency', async () => {
  const many = Array.from({ length: maxPendingRuns + 50 }, (_, i) => runOf(`r${i}`));
  let released = false;
  const wait = async () => {
    while (!released) await new Promise((resolve) => setTimeout(resolve, 20));
    return { state: 'done' } as const;
  };
  const runs = Object.fromEntries(many.map(({ key }) => [key, wait]));
  await serving(env, bundle, scriptedActivities({ runs }), async () => {
    const handle = await startExperiment(env, inputOf(many, 100_000));
    const pending = async () => (await handle.describe()).raw.pendingActivities?.length ?? 0;
    await eventually(pending).toBe(maxPendingRuns);
    released = true;
    expect(await handle.result()).toMatchObject({ done: many.length });
  });
});

test('an experiment too large for one history is refused with what to do', async () => {
  const many = Array.from({ length: maxRunsPerWorkflow + 1 }, (_, i) => runOf(`r${i}`));
  await expect(resultOf(many)).rejects.toMatchObject({
    cause: {
      type: 'bad-input',
      message: expect.stringContaining('split the experiment') as string,
    },
  });
});

test('a failed run stops nothing but the runs that need it', async () => {
  const runs = [runOf('a'), runOf('b'), runOf('c', ['a']), runOf('d', ['c']), runOf('e', ['b'])];
  const script = { runs: { a: failing('diverged', 'the loss became NaN') } };
  const { result, events, closings } = await resultOf(runs, script);
  expect(result).toEqual({
    state: 'failed',
    done: 2,
    cached: 0,
    failed: [{ name: 'run/a', type: 'diverged', message: 'the loss became NaN' }],
    blocked: [
      { name: 'run/c', reason: 'run/a failed' },
      { name: 'run/d', reason: 'run/c blocked' },
    ],
  });
  expect(events).not.toContain('start c');
  expect(closings).toMatchObject([
    { state: 'failed', failed: [{ key: 'a' }], blocked: [{ key: 'c' }, { key: 'd' }] },
  ]);
});

test('a failure of the infrastructure is tried again', async () => {
  const flaky = (attempt: number) =>
    attempt < 3
      ? Promise.reject(new Error('connection reset'))
      : Promise.resolve({ state: 'done' } as const);
  const { result, events } = await resultOf([runOf('a')], { runs: { a: flaky } });
  expect(result).toEqual({ state: 'done', done: 1, cached: 0, ...clean });
  expect(events.filter((event) => event === 'start a')).toHaveLength(3);
});

test('what is done already is not run again, and what needs it starts', async () => {
  const { result, events } = await resultOf([runOf('a'), runOf('b', ['a'])], { done: ['a'] });
  expect(result).toEqual({ state: 'done', done: 1, cached: 1, ...clean });
  expect(events).toEqual(['start b', 'end b']);
});

test('a result found by another experiment in the meantime counts as cached', async () => {
  const cached = () => Promise.resolve({ state: 'cached' } as const);
  const { result } = await resultOf([runOf('a')], { runs: { a: cached } });
  expect(result).toEqual({ state: 'done', done: 0, cached: 1, ...clean });
});

test('a cancelled experiment waits for its runs to stop and marks those that never started', async () => {
  const script = { runs: { a: untilCancelled } };
  const { control, runs, closings, events } = scriptedActivities(script);
  await serving(env, bundle, { control, runs }, async () => {
    const handle = await startExperiment(
      env,
      inputOf([runOf('a'), runOf('b', ['a']), runOf('c')], 1),
    );
    await eventually(() => events).toContain('start a');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
  expect(events).toEqual(['start a', 'end a']);
  expect(closings).toMatchObject([{ state: 'cancelled', cancelled: ['a', 'b', 'c'] }]);
});

test('an experiment cancelled while its database is away still marks its runs', async () => {
  let calls = 0;
  const open = () => {
    calls++;
    return Promise.reject(new Error('the database does not answer'));
  };
  const { control, runs, closings, events } = scriptedActivities({ open });
  await serving(env, bundle, { control, runs }, async () => {
    const handle = await startExperiment(env, inputOf([runOf('a'), runOf('b')]));
    await eventually(() => calls).toBeGreaterThan(0);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
  expect(events).toEqual([]);
  expect(closings).toMatchObject([{ state: 'cancelled', cancelled: ['a', 'b'] }]);
});

test('the progress query names the phase, counts the states and follows each run', async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const waiting = async () => {
    await gate;
    return { state: 'done' } as const;
  };
  const script = { done: ['a'], runs: { b: waiting } };
  await serving(env, bundle, scriptedActivities(script), async () => {
    const handle = await startExperiment(env, inputOf([runOf('a'), runOf('b'), runOf('c', ['b'])]));
    const ask = () => handle.query<ExperimentProgress>(progressQuery);
    await eventually(async () => (await ask()).counts.running).toBe(1);
    expect(await ask()).toMatchObject({
      phase: 'running',
      counts: { queued: 1, running: 1, done: 0, cached: 1, failed: 0 },
      runs: [
        { name: 'run/a', state: 'cached' },
        { name: 'run/b', state: 'running' },
        { name: 'run/c', state: 'queued' },
      ],
    });
    release();
    await handle.result();
    expect(await ask()).toMatchObject({ phase: 'closed', counts: { done: 2, cached: 1 } });
  });
});

test('every activity carries a summary that a person can read', async () => {
  await serving(env, bundle, scriptedActivities(), async () => {
    const handle = await startExperiment(env, inputOf([runOf('a')]));
    await handle.result();
    const { events } = await handle.fetchHistory();
    const summaries = events
      ?.filter((event) => event.activityTaskScheduledEventAttributes)
      .map((event) => Buffer.from(event.userMetadata!.summary!.data!).toString());
    expect(summaries).toEqual(['"open experiment"', '"do a"', '"close experiment"']);
  });
});
