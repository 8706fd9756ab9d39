/** Recorded histories must replay with today's workflow code; `RECORD_HISTORIES=1` records them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { temporal } from '@temporalio/proto';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { bundleWorkflows } from './bundle.js';
import { startDevServer } from './dev-server.js';
import { failing, scriptedActivities, untilCancelled } from './scripted-activities.js';
import { inputOf, runOf, serving, startExperiment } from './serving.js';

const { History } = temporal.api.history.v1;
const histories = ['experiment-v1', 'experiment-v1-cancelled'] as const;
let bundle: WorkflowBundleWithSourceMap;

const pathOf = (name: string) => new URL(`../histories/${name}.json`, import.meta.url);

beforeAll(async () => {
  bundle = await bundleWorkflows();
});

test.runIf(process.env['RECORD_HISTORIES'])('histories are recorded', async () => {
  const env = await startDevServer();
  const runs = [runOf('a'), runOf('b'), runOf('c', ['a']), runOf('d', ['b']), runOf('e', ['d'])];
  const flaky = (attempt: number) =>
    attempt < 2
      ? Promise.reject(new Error('connection reset'))
      : Promise.resolve({ state: 'done' } as const);
  try {
    const script = { done: ['b'], runs: { a: failing('diverged', 'NaN'), d: flaky } };
    await serving(env, bundle, scriptedActivities(script), async () => {
      const handle = await startExperiment(env, inputOf(runs, 2));
      await handle.result();
      record('experiment-v1', await handle.fetchHistory());
    });
    const cancelled = scriptedActivities({ runs: { a: untilCancelled } });
    await serving(env, bundle, cancelled, async () => {
      const handle = await startExperiment(env, inputOf(runs, 2));
      await eventually(() => cancelled.events).toContain('start a');
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      record('experiment-v1-cancelled', await handle.fetchHistory());
    });
  } finally {
    await env.teardown();
  }
});

/** Without what belongs to the machine that recorded it. */
function record(name: string, history: temporal.api.history.v1.IHistory): void {
  const form = { longs: String, enums: String, bytes: String };
  const plain = History.toObject(History.fromObject(history), form);
  const personal = new Set(['identity', 'stackTrace', 'workerInstanceKey', 'binaryChecksum']);
  const keep = (key: string, value: unknown) => (personal.has(key) ? undefined : value);
  writeFileSync(pathOf(name), `${JSON.stringify(plain, keep, 1)}\n`);
}

function parsed(text: string): temporal.api.history.v1.History {
  return History.fromObject(JSON.parse(text) as object);
}

test.each(histories)('the recorded history %s replays without a difference', async (name) => {
  const history = parsed(readFileSync(pathOf(name), 'utf8'));
  const recorded = [{ workflowId: 'experiment/recorded', history }];
  const results = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: bundle }, recorded)) {
    results.push(result.error ?? 'replayed');
  }
  expect(results).toEqual(['replayed']);
});

test('a history that the code would not have made is told from one that it would', async () => {
  const text = readFileSync(pathOf('experiment-v1'), 'utf8');
  const history = parsed(text.replaceAll('"openExperiment"', '"beginExperiment"'));
  const altered = [{ workflowId: 'experiment/altered', history }];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: bundle }, altered)) {
    expect(error?.name).toBe('DeterminismViolationError');
  }
  expect.assertions(1);
});
