import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { wakeBatches } from '../../cli/experiments/batches.js';
import { progressQuery } from '../../experiment/records/temporal-names.js';
import type {
  BatchProgress,
  ExperimentInput,
  ExperimentProgress,
  ExperimentResult,
} from '../../experiment/records/workflow-records.js';
import { maxPendingRuns } from '../../workflows/options.js';
import { bundleWorkflows } from './bundle.js';
import { startDevServer } from './dev-server.js';
import {
  failing,
  scriptedActivities,
  untilCancelled,
  type Script,
  type ScriptedRun,
} from './scripted-activities.js';
import { inputOf, runOf, serving, startExperiment } from './serving.js';

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  [env, bundle] = await Promise.all([startDevServer(), bundleWorkflows()]);
});
afterAll(() => env.teardown());

async function resultOf(
  runs: readonly ScriptedRun[],
  script: Script = {},
  input: ExperimentInput = inputOf(),
) {
  const activities = scriptedActivities(runs, script);
  const ended = await serving(env, bundle, activities, async () => {
    const handle = await startExperiment(env, input);
    return { handle, result: (await handle.result()) as ExperimentResult };
  });
  return { ...ended, ...activities };
}

/** The batches of a running experiment. */
async function batchesOf(handle: WorkflowHandle): Promise<readonly WorkflowHandle[]> {
  const { pendingChildren } = (await handle.describe()).raw;
  return (pendingChildren ?? []).map(({ workflowId }) =>
    env.client.workflow.getHandle(workflowId!),
  );
}

const many = (count: number) => Array.from({ length: count }, (_, i) => runOf(`r${i}`));
const none = { cached: 0, failed: 0, blocked: 0, cancelled: 0, problems: [] };

test('a run starts only after everything that it needs has ended', async () => {
  const diamond = [runOf('a'), runOf('b', ['a']), runOf('c', ['a']), runOf('d', ['b', 'c'])];
  const { result, events } = await resultOf(diamond);
  expect(result).toEqual({ state: 'done', ...none, done: 4 });
  const at = (event: string) => events.indexOf(event);
  for (const [run, need] of ['ba', 'ca', 'db', 'dc']) {
    expect(at(`start ${run}`)).toBeGreaterThan(at(`end ${need}`));
  }
});

test('runs that need nothing of each other run at the same time', async () => {
  const { peak } = await resultOf([runOf('a'), runOf('b'), runOf('c')]);
  expect(peak()).toBe(3);
});

test('no more runs are in flight than the concurrency allows', async () => {
  const { result, peak } = await resultOf(many(12), {}, inputOf(3));
  expect(result.done).toBe(12);
  expect(peak()).toBe(3);
});

test('never more than 500 activities are pending, whatever the concurrency', async () => {
  const plan = many(maxPendingRuns + 50);
  let released = false;
  const wait = async () => {
    while (!released) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const runs = Object.fromEntries(plan.map(({ key }) => [key, wait]));
  await serving(env, bundle, scriptedActivities(plan, { runs }), async () => {
    const handle = await startExperiment(env, inputOf(100_000));
    const pending = async () => {
      const batches = await Promise.all((await batchesOf(handle)).map((batch) => batch.describe()));
      return batches.reduce((sum, { raw }) => sum + (raw.pendingActivities?.length ?? 0), 0);
    };
    await eventually(pending).toBe(maxPendingRuns);
    released = true;
    expect(await handle.result()).toMatchObject({ done: plan.length });
  });
});

const tight = { runsPerBatch: 10, eventsPerBatch: 3600, eventsPerExperiment: 60 };

test('a wide experiment goes from batch to batch and continues as new; no run is left out or run twice', async () => {
  const plan = Array.from({ length: 100 }, (_, i) => runOf(`r${i}`, i % 3 ? [`r${i - 1}`] : []));
  const { result, events, orders, peak, handle } = await resultOf(plan, {}, inputOf(6, tight));
  expect(result).toEqual({ state: 'done', ...none, done: 100 });
  const starts = events.filter((event) => event.startsWith('start'));
  expect([starts.length, new Set(starts).size]).toEqual([100, 100]);
  expect(peak()).toBeLessThanOrEqual(6);
  expect(new Set(orders.map(({ batch }) => batch)).size).toBeGreaterThanOrEqual(10);
  const last = env.client.workflow.getHandle(handle.workflowId);
  expect((await last.describe()).runId).not.toBe(handle.firstExecutionRunId);
  expect((await last.fetchHistory()).events!.length).toBeLessThan(120);
});

test('a batch whose history has grown long takes no more runs', async () => {
  const chain = Array.from({ length: 12 }, (_, i) => runOf(`r${i}`, i ? [`r${i - 1}`] : []));
  const limits = { ...tight, eventsPerBatch: 60, eventsPerExperiment: 3600 };
  const { result, orders } = await resultOf(chain, {}, inputOf(6, limits));
  expect(result.done).toBe(12);
  expect(new Set(orders.map(({ batch }) => batch)).size).toBeGreaterThan(2);
});

test('a run that takes long holds up nobody, though its batch takes no more', async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const activities = scriptedActivities(many(25), { runs: { r0: () => gate } });
  await serving(env, bundle, activities, async () => {
    const handle = await startExperiment(env, inputOf(4, { ...tight, eventsPerExperiment: 3600 }));
    await eventually(() => activities.outcomes.size).toBe(24);
    release();
    expect(await handle.result()).toMatchObject({ done: 25 });
  });
});

test('what a terminated batch had in hand is taken by another', async () => {
  let stuck = true;
  const a = () => (stuck ? untilCancelled() : Promise.resolve());
  const plan = [runOf('a'), runOf('b'), runOf('c', ['a'])];
  const activities = scriptedActivities(plan, { runs: { a } });
  await serving(env, bundle, activities, async () => {
    const handle = await startExperiment(env, inputOf());
    await eventually(() => activities.events).toContain('start a');
    stuck = false;
    const [first] = await batchesOf(handle);
    await first!.terminate('by hand');
    expect(await handle.result()).toMatchObject({ state: 'done', done: 3 });
  });
});

test.each([
  ['in one batch', inputOf()],
  ['in batches of four', inputOf(64, { ...tight, runsPerBatch: 4, eventsPerExperiment: 3600 })],
])('runs paused once they were handed out go back, and run when unpaused, %s', async (_, input) => {
  const plan = [...many(12), runOf('last', ['r11'])];
  const paused = new Set(['r0', 'r3', 'r11']);
  const activities = scriptedActivities(plan, { paused });
  await serving(env, bundle, activities, async () => {
    const handle = await startExperiment(env, input);
    await eventually(() => activities.outcomes.size).toBe(9);
    expect(activities.events.filter((event) => paused.has(event.split(' ')[1]!))).toEqual([]);
    paused.clear();
    await wakeBatches(env.client, input.experiment);
    expect(await handle.result()).toEqual({ state: 'done', ...none, done: 13 });
  });
  expect(activities.events.filter((event) => event.startsWith('start'))).toHaveLength(13);
});

test('an experiment whose paused runs are cancelled ends', async () => {
  const activities = scriptedActivities(many(3), { paused: new Set(['r1']) });
  await serving(env, bundle, activities, async () => {
    const handle = await startExperiment(env, inputOf());
    await eventually(() => activities.outcomes.size).toBe(2);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect(activities.outcomes.get('r1')).toBe('cancelled');
  });
});

test('a failed run stops nothing but the runs that need it', async () => {
  const runs = [runOf('a'), runOf('b'), runOf('c', ['a']), runOf('d', ['c']), runOf('e', ['b'])];
  const script = { runs: { a: failing('diverged', 'the loss became NaN') } };
  const { result, events, outcomes } = await resultOf(runs, script);
  expect(result).toEqual({ state: 'failed', ...none, done: 2, failed: 1, blocked: 2 });
  expect(events).not.toContain('start c');
  expect(Object.fromEntries(outcomes)).toEqual({
    ...{ a: 'failed', b: 'done', c: 'blocked', d: 'blocked', e: 'done' },
  });
});

test('a failure of the infrastructure is tried again', async () => {
  const flaky = (attempt: number) =>
    attempt < 3 ? Promise.reject(new Error('connection reset')) : Promise.resolve();
  const { result, events } = await resultOf([runOf('a')], { runs: { a: flaky } });
  expect(result).toEqual({ state: 'done', ...none, done: 1 });
  expect(events.filter((event) => event === 'start a')).toHaveLength(3);
});

test('what is done already is not run again, and what needs it starts', async () => {
  const { result, events } = await resultOf([runOf('a'), runOf('b', ['a'])], { done: ['a'] });
  expect(result).toEqual({ state: 'done', ...none, done: 1, cached: 1 });
  expect(events).toEqual(['start b', 'end b']);
});

test('an experiment all of whose runs are cached asks for none of them', async () => {
  const runs = [runOf('a'), runOf('b', ['a'])];
  const { result, orders } = await resultOf(runs, { done: ['a', 'b'] });
  expect(result).toEqual({ state: 'done', ...none, done: 0, cached: 2 });
  expect(orders).toEqual([]);
});

test('many small runs share activities; each run of an engine has its own, under its own words', async () => {
  const small = Array.from({ length: 40 }, (_, i) => ({
    ...runOf(`s${i}`),
    queue: 'cpu' as const,
  }));
  const { result, handle } = await resultOf([...small, runOf('a'), runOf('b')]);
  expect(result.done).toBe(42);
  const started = (await handle.fetchHistory()).events!.flatMap(
    (event) => event.childWorkflowExecutionStartedEventAttributes ?? [],
  );
  const batch = env.client.workflow.getHandle(started[0]!.workflowExecution!.workflowId!);
  const summaries = (await batch.fetchHistory())
    .events!.filter((event) => event.activityTaskScheduledEventAttributes)
    .map((event) => Buffer.from(event.userMetadata!.summary!.data!).toString());
  expect(summaries).toEqual(expect.arrayContaining(['"take runs"', '"do a"', '"do b"']));
  expect(summaries.filter((text) => /^"do s\d+ and 4 more"$/.test(text))).toHaveLength(8);
});

test('a cancelled experiment waits for its runs to stop and marks those that never started', async () => {
  const plan = [runOf('a'), runOf('b', ['a']), runOf('c')];
  const activities = scriptedActivities(plan, { runs: { a: untilCancelled } });
  await serving(env, bundle, activities, async () => {
    const handle = await startExperiment(env, inputOf(1));
    await eventually(() => activities.events).toContain('start a');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
  expect(activities.events).toEqual(['start a', 'end a']);
  expect([...activities.outcomes.values()]).toEqual(['cancelled', 'cancelled', 'cancelled']);
});

test('an experiment cancelled while its database is away still marks its runs', async () => {
  let calls = 0;
  const open = () => {
    calls++;
    return Promise.reject(new Error('the database does not answer'));
  };
  const activities = scriptedActivities([runOf('a'), runOf('b')], { open });
  await serving(env, bundle, activities, async () => {
    const handle = await startExperiment(env, inputOf());
    await eventually(() => calls).toBeGreaterThan(0);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
  expect(activities.events).toEqual([]);
  expect([...activities.outcomes.values()]).toEqual(['cancelled', 'cancelled']);
});

test('the progress queries name the phase, the batches and the runs that these have in flight', async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const plan = [runOf('a'), runOf('b'), runOf('c', ['b'])];
  await serving(env, bundle, scriptedActivities(plan, { runs: { b: () => gate } }), async () => {
    const handle = await startExperiment(env, inputOf());
    const ask = () => handle.query<ExperimentProgress>(progressQuery);
    await eventually(ask).toEqual({ phase: 'running', batches: [1] });
    const batch = async () => (await batchesOf(handle))[0]!.query<BatchProgress>(progressQuery);
    await eventually(batch).toEqual({ inFlight: [{ name: 'run/b' }], ended: 1 });
    release();
    await handle.result();
    expect(await ask()).toEqual({ phase: 'closed', batches: [] });
  });
});
