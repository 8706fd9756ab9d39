/** A Temporal server, the database and fake engines under the real workflow and activities. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pg from 'pg';
import {
  createControlActivities,
  createRunActivities,
  createSpoolBudget,
} from '../../activities/index.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { MetricRow } from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import { semanticVersions, type Versions } from '../../experiment/kinds/index.js';
import { workflowType } from '../../experiment/records/temporal-names.js';
import { startOptions } from '../../experiment/plan/start-options.js';
import type {
  ExperimentInput,
  ExperimentResult,
} from '../../experiment/records/workflow-records.js';
import { loadSettings } from '../../settings/settings.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import type { ResultsStore, RunRow } from '../../stores/results/results-store.js';
import { createEnginePool, type EnginePool } from '../../worker/engine-pool.js';
import { stackBlobs, stackEnv } from '../stack.js';
import { bundleWorkflows } from '../workflows/bundle.js';
import { startDevServer } from '../workflows/dev-server.js';
import { serving } from '../workflows/serving.js';

export interface Rig {
  readonly env: TestWorkflowEnvironment;
  readonly results: ResultsStore;
  readonly pool: EnginePool;
  /** While it runs, a worker serves every queue. */
  withWorker<T>(test: () => Promise<T>, options?: WorkerOptions): Promise<T>;
  start(plan: Plan): ReturnType<typeof start>;
  /** Registers the plan, runs it and returns its result. */
  carryOut(plan: Plan, options?: WorkerOptions): Promise<ExperimentResult>;
  rowsOf(plan: Plan): Promise<readonly RunRow[]>;
  metricsOf(run: RunKey): Promise<readonly MetricRow[]>;
  /** Changes to a run that only the database itself can make. */
  sql(text: string, values: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

interface WorkerOptions {
  readonly results?: ResultsStore;
  readonly noProgressTimeoutMs?: number;
  /** Kinds and versions that the code of the worker computes. */
  readonly versions?: Versions;
}

const script = fileURLToPath(new URL('../worker/fake-engine.mjs', import.meta.url));

export async function createRig(): Promise<Rig> {
  const [env, bundle] = await Promise.all([startDevServer(), bundleWorkflows()]);
  const results = createResultsStore(loadSettings(stackEnv()).databaseUrl);
  const logDir = mkdtempSync(join(tmpdir(), 'isthmus-rig-'));
  const pool = createEnginePool({
    ...{
      layout: { slots: 2, threads: { small: 1, large: 1 } },
      script,
      logDir,
      readyTimeoutMs: 10_000,
      graceMs: 300,
    },
    ...{ maxJobs: 100, maxRssBytes: 2 ** 40 },
    environment: () => process.env,
  });
  const withWorker: Rig['withWorker'] = (test, options = {}) =>
    serving(env, bundle, activities(results, pool, options), test);
  return {
    env,
    results,
    pool,
    withWorker,
    start: (plan) => start(env, plan),
    async carryOut(plan, options) {
      await results.registerExperiment(plan);
      return withWorker(async () => (await start(env, plan)).result(), options);
    },
    rowsOf: (plan) => results.runsOf(plan.id),
    metricsOf: async (run) => (await results.metricsOf([run])).get(run) ?? [],
    async sql(text, values) {
      const client = new pg.Client({ connectionString: loadSettings(stackEnv()).databaseUrl });
      await client.connect();
      await client.query(text, [...values]).finally(() => client.end());
    },
    async close() {
      await pool.close();
      await results.close();
      await env.teardown();
      rmSync(logDir, { recursive: true, force: true });
    },
  };
}

function activities(results: ResultsStore, engines: EnginePool, options: WorkerOptions) {
  const spool = createSpoolBudget(mkdtempSync(join(tmpdir(), 'isthmus-spool-')), 2 ** 20);
  const versions = semanticVersions;
  const settled = {
    results,
    engines,
    blobs: stackBlobs(),
    worker: 'test',
    versions,
    precisions: ['float32'] as const,
    noProgressTimeoutMs: 20_000,
    spool,
  };
  const deps = { ...settled, ...options };
  return { control: createControlActivities(deps.results), runs: createRunActivities(deps) };
}

type ExperimentWorkflow = (input: ExperimentInput) => Promise<ExperimentResult>;

function start(env: TestWorkflowEnvironment, plan: Plan) {
  return env.client.workflow.start<ExperimentWorkflow>(workflowType, startOptions(plan));
}
