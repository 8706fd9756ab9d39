/** What the Temporal UI shows of a running experiment: its current details, and the types of its activities. */
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { sleep } from '@temporalio/activity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { bundleWorkflows } from './bundle.js';
import { startDevServer } from './dev-server.js';
import { failing, scriptedActivities } from './scripted-activities.js';
import { detailsOf, inputOf, runOf, serving, startExperiment } from './serving.js';

let env: TestWorkflowEnvironment;
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  [env, bundle] = await Promise.all([startDevServer(), bundleWorkflows()]);
});
afterAll(() => env.teardown());

function createGate() {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open, pass: () => passed };
}

async function firstBatchOf(handle: WorkflowHandle): Promise<WorkflowHandle> {
  const started = (await handle.fetchHistory()).events!.flatMap(
    (event) => event.childWorkflowExecutionStartedEventAttributes ?? [],
  );
  return env.client.workflow.getHandle(started[0]!.workflowExecution!.workflowId!);
}

async function activitiesOf(batch: WorkflowHandle): Promise<readonly string[]> {
  const { events } = await batch.fetchHistory();
  return events!.flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  );
}

const reportsIn = async (handle: WorkflowHandle): Promise<number> =>
  (await handle.fetchHistory()).events!.filter(
    (event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'report',
  ).length;

test('while it runs the page shows counts, runs in flight, the reason of each failure and its batch', async () => {
  const gate = createGate();
  const plan = [
    runOf('a'),
    runOf('b'),
    runOf('c', ['a']),
    runOf('d'),
    runOf('e', ['d']),
    runOf('f'),
  ];
  const script = {
    done: ['f'],
    runs: { a: failing('diverged', 'the loss became NaN\nat step 3'), b: gate.pass },
  };
  await serving(env, bundle, scriptedActivities(plan, script), async () => {
    const handle = await startExperiment(env, inputOf());
    await eventually(() => detailsOf(handle)).toContain(
      '**2 done, 1 cached, 1 running, 1 failed, 1 blocked**',
    );
    const details = await detailsOf(handle);
    expect(details).toMatch(/In flight:\n\n- `run\/b` trainEndpoint, dispatched \d\d-\d\d \d\d:/);
    expect(details).toContain('Failed:\n\n- `run/a` diverged: the loss became NaN\n');
    const batch = await firstBatchOf(handle);
    expect(details).toContain(`/workflows/${encodeURIComponent(batch.workflowId)})`);
    expect(await detailsOf(batch)).toContain('**2 done, 1 running, 1 failed**');
    gate.open();
    await handle.result();
    expect(await detailsOf(handle)).toBe('3 done, 1 cached, 1 failed, 1 blocked');
  });
});

test('failures that were reported survive that the experiment continues as new', async () => {
  const gate = createGate();
  const plan = [runOf('bad'), ...Array.from({ length: 30 }, (_, i) => runOf(`r${i}`))];
  const script = { runs: { bad: failing('diverged', 'NaN'), r29: gate.pass } };
  const limits = { runsPerBatch: 10, eventsPerBatch: 3600, eventsPerExperiment: 20 };
  await serving(env, bundle, scriptedActivities(plan, script), async () => {
    const started = await startExperiment(env, inputOf(4, limits));
    const handle = env.client.workflow.getHandle(started.workflowId);
    const running = '**29 done, 1 running, 1 failed**';
    const newest = async () => (await handle.describe()).runId;
    await eventually(newest).not.toBe(started.firstExecutionRunId);
    await eventually(() => detailsOf(handle)).toContain(running);
    expect(await detailsOf(handle)).toContain('`run/bad` diverged: NaN');
    gate.open();
    await handle.result();
  });
});

test('however many runs end, reports are few, and the last state is reported', async () => {
  const gate = createGate();
  const chain = Array.from({ length: 40 }, (_, i) => runOf(`r${i}`, i ? [`r${i - 1}`] : []));
  const step = () => sleep(100);
  const runs = Object.fromEntries(chain.map(({ key }) => [key, step]));
  const script = { runs: { ...runs, r39: gate.pass } };
  await serving(env, bundle, scriptedActivities(chain, script), async () => {
    const handle = await startExperiment(env, inputOf());
    await eventually(() => detailsOf(handle)).toContain('**39 done, 1 running**');
    expect(await reportsIn(handle)).toBeLessThanOrEqual(6);
    gate.open();
    await handle.result();
  });
}, 60_000);

test('each run is an activity of the type of its kind; one that a worker does not know goes by the common type', async () => {
  const [a, b] = [runOf('a'), runOf('b', ['a'])];
  const { control, runs } = scriptedActivities([a, b]);
  const { executeRuns, trainEndpoint } = runs;
  await serving(env, bundle, { control, runs: { executeRuns, trainEndpoint } }, async () => {
    const handle = await startExperiment(env, inputOf());
    expect(await handle.result()).toMatchObject({ state: 'done', done: 2 });
    const types = await activitiesOf(await firstBatchOf(handle));
    expect(types.filter((type) => type !== 'takeRuns')).toEqual([
      ...['trainEndpoint', 'fitCurve', 'executeRuns'],
    ]);
  });
});
