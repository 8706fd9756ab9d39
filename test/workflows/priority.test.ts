/** Whose runs a worker takes first, when two experiments wait for it; on a server as `./isthmus up` starts it. */
import { tmpdir } from 'node:os';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engines } from '../../activities/engines.js';
import {
  createControlActivities,
  createRunActivities,
  createSpoolBudget,
} from '../../activities/index.js';
import type { Plan } from '../../experiment/plan/plan.js';
import { semanticVersions } from '../../experiment/kinds/index.js';
import { taskQueues, workflowType } from '../../experiment/records/temporal-names.js';
import { startOptions } from '../../experiment/plan/start-options.js';
import { loadSettings } from '../../settings/settings.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import type { ResultsStore } from '../../stores/results/results-store.js';
import { planOf, runNamed } from '../activities/plans.js';
import { eventually } from '../eventually.js';
import { stackBlobs, stackEnv } from '../stack.js';
import { environment } from '../stores/results/plans.js';
import { bundleWorkflows } from './bundle.js';
import { startDevServer } from './dev-server.js';

let env: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundleWithSourceMap;
let results: ResultsStore;

beforeAll(async () => {
  [env, workflowBundle] = await Promise.all([startDevServer(), bundleWorkflows()]);
  results = createResultsStore(loadSettings(stackEnv()).databaseUrl);
}, 120_000);
afterAll(async () => {
  await results.close();
  await env.teardown();
});

function study(name: string, runs: number, priority: number): Plan {
  const plan = planOf(Array.from({ length: runs }, (_, i) => runNamed({ name: `${name}/${i}` })));
  const { config } = plan;
  return { ...plan, config: { ...config, execution: { ...config.execution, priority } } };
}

async function pendingOf(id: string): Promise<number> {
  const { pendingChildren } = (await env.client.workflow.getHandle(id).describe()).raw;
  const batches = await Promise.all(
    (pendingChildren ?? []).map(({ workflowId }) =>
      env.client.workflow.getHandle(workflowId!).describe(),
    ),
  );
  return batches.reduce((sum, { raw }) => sum + (raw.pendingActivities?.length ?? 0), 0);
}

/** The experiments are started in their order, each when all runs of the one before wait; then a worker with one slot comes. */
async function orderOf(plans: readonly Plan[]): Promise<readonly string[]> {
  const taken: string[] = [];
  const engines: Engines = {
    execute({ run }) {
      taken.push(run.name.replace(/\/.*/, ''));
      return Promise.resolve({ type: 'done', outputs: {}, environment });
    },
  };
  const spool = createSpoolBudget(tmpdir(), 0);
  const able = { versions: semanticVersions, precisions: ['float32'] as const };
  const blobs = stackBlobs();
  const deps = {
    results,
    blobs,
    engines,
    worker: 'w',
    ...able,
    noProgressTimeoutMs: 20_000,
    spool,
  };
  const { nativeConnection: connection } = env;
  const control = await Worker.create({
    ...{ connection, workflowBundle, taskQueue: taskQueues.control },
    activities: createControlActivities(results),
  });
  await control.runUntil(async () => {
    const handles: WorkflowHandle[] = [];
    for (const plan of plans) {
      await results.registerExperiment(plan);
      const handle = await env.client.workflow.start(workflowType, startOptions(plan));
      await eventually(() => pendingOf(handle.workflowId)).toBe(plan.runs.length);
      handles.push(handle);
    }
    const gpu = await Worker.create({
      ...{ connection, taskQueue: taskQueues.gpu, maxConcurrentActivityTaskExecutions: 1 },
      activities: createRunActivities(deps),
    });
    await gpu.runUntil(() => Promise.all(handles.map((handle) => handle.result())));
  });
  return taken;
}

/** How many runs of the other were taken before the last of this one. */
function before(taken: readonly string[], name: string): number {
  return taken.slice(0, taken.lastIndexOf(name)).filter((one) => one !== name).length;
}

test('runs of a higher priority are taken before those of a lower one that waited longer', async () => {
  const taken = await orderOf([study('low', 30, 4), study('high', 8, 1)]);
  expect(taken).toHaveLength(38);
  // Temporal allows small deviations.
  expect(before(taken, 'high')).toBeLessThanOrEqual(2);
}, 120_000);

test('experiments of one priority take turns: a few runs do not wait for the many before them', async () => {
  const taken = await orderOf([study('many', 30, 3), study('few', 5, 3)]);
  expect(taken).toHaveLength(35);
  expect(before(taken, 'few')).toBeLessThanOrEqual(8);
}, 120_000);
