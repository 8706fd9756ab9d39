/** A worker that is told to end within its budget, on the real servers with a real engine; and where it writes meanwhile. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { experimentSchema } from '../../experiment/config/experiment.js';
import { planExperiment } from '../../experiment/plan/plan.js';
import { workflowType } from '../../experiment/records/temporal-names.js';
import { startOptions } from '../../experiment/plan/start-options.js';
import { generatedDir, repositoryRoot } from '../../settings/paths.js';
import { loadSettings } from '../../settings/settings.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import { startWorker, type LiveWorker } from '../chaos/processes.js';
import { eventually } from '../eventually.js';
import { createEngineRuns, type EngineRuns } from '../resume/engine-runs.js';
import { stackEnv } from '../stack.js';
import { sha256 } from '../stores/results/plans.js';

const { temporal, databaseUrl, s3 } = loadSettings(stackEnv());
const results = createResultsStore(databaseUrl);
const home = mkdtempSync(join(tmpdir(), 'isthmus-stop-'));
const plan = planExperiment(
  experimentSchema.parse({
    ...{ name: 'stopped', dataset: 'mnist', model: 'mlp' },
    endpoints: { A: { seed: 77, batchSize: 500, epochs: 30 } },
    execution: { checkpoint: { everySeconds: 1 } },
  }),
  sha256,
);
const [run] = plan.runs;
const budgetSeconds = 12;
const env = {
  ...stackEnv(),
  TEMPORAL_ADDRESS: temporal.address,
  DATABASE_URL: databaseUrl,
  ISTHMUS_S3_ENDPOINT: s3.endpoint!,
  ISTHMUS_S3_BUCKET: s3.bucket,
  AWS_ACCESS_KEY_ID: s3.accessKeyId!,
  AWS_SECRET_ACCESS_KEY: s3.secretAccessKey!,
  ISTHMUS_STOP_BUDGET: String(budgetSeconds),
};

let engines: EngineRuns;
let worker: LiveWorker | undefined;
beforeAll(() => {
  engines = createEngineRuns();
});
afterAll(async () => {
  worker?.signal('SIGKILL');
  await engines.close();
  await results.close();
  rmSync(home, { recursive: true, force: true });
});

const rowOf = async () => (await results.runsOf(plan.id))[0]!;
const stepOf = async () => (await rowOf()).checkpoint?.step ?? 0;

async function begin(): Promise<LiveWorker> {
  worker = startWorker(env, home);
  await worker.ready();
  return worker;
}

/** SIGTERM, and SIGKILL after the 15 s that a preemptible pod gets: how long it took to end by itself, or null. */
async function preempt(preempted: LiveWorker): Promise<number | null> {
  const began = performance.now();
  let killed = false;
  const kill = setTimeout(() => {
    killed = true;
    preempted.signal('SIGKILL');
  }, 15_000);
  preempted.signal('SIGTERM');
  await preempted.ended;
  clearTimeout(kill);
  return killed ? null : (performance.now() - began) / 1000;
}

/** Files in the code folder, without those that tests and their stacks write there. */
function codeTree(): readonly string[] {
  const skipped = new Set([join(generatedDir, 'test'), join(generatedDir, 'logs')]);
  const list = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (skipped.has(path) || entry.name === 'node_modules' || entry.name === '.git') return [];
      return entry.isDirectory() ? [path, ...list(path)] : [path];
    });
  return list(repositoryRoot);
}

test('a worker that is preempted ends in time, and loses nothing beyond the last checkpoint', async () => {
  const before = codeTree();
  await results.registerExperiment(plan);
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace });
  const handle = await client.workflow.start(workflowType, startOptions(plan));

  const frozen = await begin();
  await eventually(stepOf).toBeGreaterThan(0);
  // An engine that hears nothing is killed in time for the row to be written.
  for (const pid of frozen.engines()) process.kill(pid, 'SIGSTOP');
  const saved = await stepOf();
  const seconds = await preempt(frozen);
  expect(seconds).not.toBeNull();
  expect(seconds).toBeGreaterThan(budgetSeconds - 5);
  expect(await rowOf()).toMatchObject({ state: 'interrupted', epoch: 1 });
  expect(await stepOf()).toBeGreaterThanOrEqual(saved);

  const willing = await begin();
  await eventually(async () => (await rowOf()).resumedAt).toBeGreaterThanOrEqual(saved);
  expect(await preempt(willing)).not.toBeNull();
  expect(await rowOf()).toMatchObject({ state: 'interrupted', epoch: 2 });

  await begin();
  expect(await handle.result()).toMatchObject({ state: 'done' });
  const { outcome } = await engines.whole(run!);
  expect(outcome).toMatchObject({ type: 'done', outputs: (await rowOf()).outputs });

  expect(readdirSync(join(home, 'graphs')).length).toBeGreaterThan(0);
  expect(codeTree()).toEqual(before);
  await connection.close();
}, 300_000);
