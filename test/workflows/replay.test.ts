/** Recorded histories must replay with today's workflow code; `RECORD_HISTORIES=1` records those that are missing. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { WorkflowHandle } from '@temporalio/client';
import { sleep } from '@temporalio/activity';
import { temporal } from '@temporalio/proto';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { wakeBatches } from '../../cli/experiments/batches.js';
import { eventually } from '../eventually.js';
import { bundleWorkflows } from './bundle.js';
import { startDevServer } from './dev-server.js';
import { failing, scriptedActivities, untilCancelled } from './scripted-activities.js';
import { inputOf, runOf, serving, startExperiment } from './serving.js';

const { History } = temporal.api.history.v1;
const histories = [
  ...['experiment-1', 'experiment-1-wide', 'experiment-1-cancelled'],
  ...['batch-1', 'batch-1-resting', 'batch-1-cancelled'],
  ...['experiment-1-paused', 'batch-1-paused'],
  ...['experiment-1-refused', 'batch-1-refused'],
  // Since activities are named by kind and batches report to their experiment.
  ...['experiment-2', 'experiment-2-wide', 'experiment-2-cancelled'],
  ...['batch-2', 'batch-2-resting', 'batch-2-cancelled'],
  ...['experiment-2-paused', 'batch-2-paused'],
  ...['experiment-2-refused', 'batch-2-refused'],
  ...['experiment-2-continued', 'experiment-2-unknown', 'batch-2-unknown'],
] as const;
let bundle: WorkflowBundleWithSourceMap;

const pathOf = (name: string) => new URL(`../histories/${name}.json`, import.meta.url);

beforeAll(async () => {
  bundle = await bundleWorkflows();
});

test.runIf(process.env['RECORD_HISTORIES'])('histories are recorded', async () => {
  const env = await startDevServer();
  const plan = [runOf('a'), runOf('b'), runOf('c', ['a']), runOf('d', ['b']), runOf('e', ['d'])];
  const flaky = (attempt: number) =>
    attempt < 2 ? Promise.reject(new Error('connection reset')) : Promise.resolve();
  /** The experiment's history as it ended, and that of its first batch. */
  const recordBoth = async (handle: WorkflowHandle, suffix: string): Promise<void> => {
    const { workflowId } = handle;
    const history = await env.client.workflow.getHandle(workflowId).fetchHistory();
    record(`experiment-2${suffix}`, history);
    const [started] = history.events!.flatMap(
      (e) => e.childWorkflowExecutionStartedEventAttributes ?? [],
    );
    const batch = env.client.workflow.getHandle(started!.workflowExecution!.workflowId!);
    record(`batch-2${suffix.replace('wide', 'resting')}`, await batch.fetchHistory());
  };
  try {
    // The last one lasts until its batch has reported twice.
    const slow = () => sleep(6000);
    const script = { done: ['b'], runs: { a: failing('diverged', 'NaN'), d: flaky, e: slow } };
    await serving(env, bundle, scriptedActivities(plan, script), async () => {
      const handle = await startExperiment(env, inputOf(2));
      await handle.result();
      await recordBoth(handle, '');
    });
    const wide = Array.from({ length: 20 }, (_, i) => runOf(`r${i}`, i % 3 ? [`r${i - 1}`] : []));
    const oneFails = { runs: { r0: failing('diverged', 'NaN') } };
    await serving(env, bundle, scriptedActivities(wide, oneFails), async () => {
      const limits = { runsPerBatch: 5, eventsPerBatch: 3600, eventsPerExperiment: 40 };
      const handle = await startExperiment(env, inputOf(3, limits));
      await handle.result();
      await recordBoth(handle, '-wide');
      const { workflowId, firstExecutionRunId } = handle;
      const first = env.client.workflow.getHandle(workflowId, firstExecutionRunId);
      record('experiment-2-continued', await first.fetchHistory());
    });
    const cancelled = scriptedActivities(plan, { runs: { a: untilCancelled } });
    await serving(env, bundle, cancelled, async () => {
      const handle = await startExperiment(env, inputOf(2));
      await eventually(() => cancelled.events).toContain('start a');
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      await recordBoth(handle, '-cancelled');
    });
    const waiting = new Set(['b']);
    const paused = scriptedActivities(plan, { paused: waiting });
    await serving(env, bundle, paused, async () => {
      const input = inputOf(2);
      const handle = await startExperiment(env, input);
      await eventually(() => [...paused.outcomes.keys()]).toEqual(['a', 'c']);
      waiting.clear();
      await wakeBatches(env.client, input.experiment);
      await handle.result();
      await recordBoth(handle, '-paused');
    });
    // Of three runs at a time one is refused: at first beside others that are at work, then alone.
    const refused = scriptedActivities(plan, { refusals: { a: 3, e: 2 } });
    await serving(env, bundle, refused, async () => {
      const handle = await startExperiment(env, inputOf(3));
      await handle.result();
      await recordBoth(handle, '-refused');
    });
    const { control, runs } = scriptedActivities(plan);
    const older = { control, runs: { executeRuns: runs.executeRuns } };
    await serving(env, bundle, older, async () => {
      const handle = await startExperiment(env, inputOf(2));
      await handle.result();
      await recordBoth(handle, '-unknown');
    });
  } finally {
    await env.teardown();
  }
});

/** Without what belongs to the machine that recorded it. What older code recorded stays: it is the evidence. */
function record(name: string, history: temporal.api.history.v1.IHistory): void {
  if (existsSync(pathOf(name))) return;
  const form = { longs: String, enums: String, bytes: String };
  const plain = History.toObject(History.fromObject(history), form);
  const personal = new Set(['identity', 'stackTrace', 'workerInstanceKey', 'binaryChecksum']);
  const keep = (key: string, value: unknown) => (personal.has(key) ? undefined : value);
  writeFileSync(pathOf(name), `${JSON.stringify(plain, keep, 1)}\n`);
}

function parsed(text: string): temporal.api.history.v1.History {
  return History.fromObject(JSON.parse(text) as object);
}

/** The ids of batches come from that of their experiment. */
function idOf({ events }: temporal.api.history.v1.History): string {
  return events[0]!.workflowExecutionStartedEventAttributes!.workflowId!;
}

test.each(histories)('the recorded history %s replays without a difference', async (name) => {
  const history = parsed(readFileSync(pathOf(name), 'utf8'));
  const recorded = [{ workflowId: idOf(history), history }];
  const results = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: bundle }, recorded)) {
    results.push(result.error ?? 'replayed');
  }
  expect(results).toEqual(['replayed']);
});

test('a history that the code would not have made is told from one that it would', async () => {
  const text = readFileSync(pathOf('experiment-1'), 'utf8');
  const history = parsed(text.replaceAll('"openExperiment"', '"beginExperiment"'));
  const altered = [{ workflowId: idOf(history), history }];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: bundle }, altered)) {
    expect(error?.name).toBe('DeterminismViolationError');
  }
  expect.assertions(1);
});
