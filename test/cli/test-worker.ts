/** A worker of the running stack whose engine tells made-up numbers at once, or does what a test says. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Runtime, DefaultLogger, NativeConnection } from '@temporalio/worker';
import {
  createControlActivities,
  createRunActivities,
  createSpoolBudget,
} from '../../activities/index.js';
import type { EngineOutcome, Engines } from '../../activities/engines.js';
import { semanticVersions, type Versions } from '../../experiment/kinds/index.js';
import type { ProductPrecision } from '../../experiment/plan/product-precision.js';
import { queueNames, type QueueName } from '../../experiment/records/temporal-names.js';
import { loadSettings } from '../../settings/settings.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import { bundlePath } from '../../worker/bundle-path.js';
import { createWorker } from '../../worker/workers.js';
import { environment, metricsOf } from '../report/experiment.js';
import { stackBlobs, stackEnv } from '../stack.js';

/** Behaviour of the engine with a run of this name; the rest succeed. */
type Behaviour = (signal: AbortSignal) => Promise<EngineOutcome>;
export type Script = Map<string, Behaviour>;

export interface TestWorkerOptions {
  /** Kinds and versions that its code computes. */
  readonly versions?: Versions;
  readonly precisions?: readonly ProductPrecision[];
  readonly queues?: readonly QueueName[];
}

export interface TestWorker {
  stop(): Promise<void>;
}

let installed = false;

/** Once for all workers of a process. */
function installRuntime(): void {
  if (!installed) Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  installed = true;
}

/** `computed` is told the names of the runs that the engine was given, in order. */
export async function startTestWorker(
  script: Script,
  computed: string[],
  {
    versions = semanticVersions,
    precisions = ['float32'],
    queues = queueNames,
  }: TestWorkerOptions = {},
): Promise<TestWorker> {
  installRuntime();
  const { temporal, databaseUrl } = loadSettings(stackEnv());
  const connection = await NativeConnection.connect({ address: temporal.address });
  const results = createResultsStore(databaseUrl);
  const deps = {
    worker: 'test',
    versions,
    precisions,
    noProgressTimeoutMs: 60_000,
    spool: createSpoolBudget(tmpdir(), 0),
    results,
    blobs: stackBlobs(),
    engines: engines(script, computed),
  };
  const parts = {
    connection,
    namespace: temporal.namespace,
    identity: 'test',
    bundlePath,
    control: createControlActivities(results),
    runs: createRunActivities(deps),
    engines: 4,
    shutdownForceMs: 18_000,
  };
  const workers = await Promise.all(queues.map((queue) => createWorker(queue, parts)));
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await results.close();
    },
  };
}

function engines(script: Script, computed: string[]): Engines {
  return {
    async execute({ run }, listener, signal) {
      computed.push(run.name);
      listener.progress(3, 4, 'step');
      const behave = script.get(run.name);
      if (behave) return behave(signal);
      void listener.metrics(metricsOf(run));
      const digest = createHash('sha256').update(run.key).digest('hex');
      return { type: 'done', outputs: { weights: { digest, bytes: 4 } }, environment };
    },
  };
}

export function untilStopped(signal: AbortSignal): Promise<EngineOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve({ type: 'stopped' });
    signal.addEventListener('abort', () => resolve({ type: 'stopped' }), { once: true });
  });
}

export function diverge(): Promise<EngineOutcome> {
  return Promise.resolve({
    type: 'failed',
    failure: { type: 'diverged', message: 'the loss is not finite at step 12' },
  });
}
