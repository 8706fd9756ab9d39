/** Composition root of a worker: settings to connections, stores, engines and one Temporal worker per queue. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Runtime, type Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import {
  createControlActivities,
  createRunActivities,
  createSpoolBudget,
} from '../activities/index.js';
import type { Engines } from '../activities/engines.js';
import { UserError, type UserErrorKind } from '../experiment/errors.js';
import { semanticVersions } from '../experiment/kinds/index.js';
import type { ProductPrecision } from '../experiment/plan/product-precision.js';
import { loadSettings, type Settings } from '../settings/settings.js';
import { migrationStatus, refuseOutdated } from '../stores/database/migration-status.js';
import { createResultsStore } from '../stores/results/prisma-results-store.js';
import { createBlobStore } from '../stores/blobs/s3-blob-store.js';
import { readArguments, type WorkerArguments } from './arguments.js';
import { bundlePath } from './bundle-path.js';
import { connectToTemporal } from './connect.js';
import { engineEnvironment, withheldSwitches } from './engine-environment.js';
import { createEnginePool, type EnginePool } from './engine-pool.js';
import { createLog, temporalLogger } from './log.js';
import { removeReadyFile, writeReadyFile } from './ready-file.js';
import { stopTimes } from './stop-times.js';
import { createWorker, type WorkerParts } from './workers.js';

const connectPatienceMs = 60_000;
const noProgressTimeoutMs = 5 * 60_000;
const spoolBytes = 64 * 2 ** 20;

const engineLimits = { maxJobs: 50, maxRssBytes: 1200 * 2 ** 20 } as const;
/** For a GPU newer than the library its driver compiles every kernel first. */
const readyTimeoutMs = { cpu: 60_000, gpu: 15 * 60_000 } as const;

function startEngines(settings: Settings): EnginePool {
  return createEnginePool({
    ...engineLimits,
    readyTimeoutMs: readyTimeoutMs[settings.device],
    graceMs: stopTimes(settings.stopBudgetMs).engineGraceMs,
    layout: settings.engines,
    script: fileURLToPath(new URL('../engine/process/main.js', import.meta.url)),
    logDir: join(settings.home, 'logs'),
    environment: (place) => engineEnvironment(settings, process.env, place),
  });
}

/** Engines would fail job by job. */
function prepareGraphFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UserError('usage', `ISTHMUS_GRAPH_DIR: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A CPU has no TF32, and engines that may fall back to one do not promise it. */
function computablePrecisions({ device, gpu }: Settings): readonly ProductPrecision[] {
  return device === 'gpu' && gpu.fallback === undefined ? ['float32', 'tf32'] : ['float32'];
}

/** For a worker that does not serve the gpu queue. */
const noEngines: Engines = {
  execute: () =>
    Promise.resolve({
      type: 'failed',
      failure: { type: 'bad-input', message: 'this worker has no engines' },
    }),
};

/** Runs that a worker takes must not be the first to find out that it has no GPU. */
async function checkEngines(
  pool: EnginePool,
  { device, gpu }: Settings,
  log: Logger,
): Promise<void> {
  if (device === 'cpu') return;
  const withheld = withheldSwitches(process.env);
  if (withheld.length > 0) log.warn({ withheld }, 'engines set these variables themselves');
  const failure = await pool.unusable();
  if (failure !== null) throw new UserError('failed', failure.message);
  log.info({ gpus: gpu.visible }, 'every engine is ready');
}

/** Tables that are missing stop a worker, a newer database or one that is away does not. */
async function checkTables({ databaseUrl }: Settings, log: Logger): Promise<void> {
  const status = await migrationStatus(databaseUrl).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    log.warn(`the tables are not checked: ${error.message}`);
  });
  if (status === undefined) return;
  refuseOutdated(status, databaseUrl);
  if (status.unknown.length > 0) log.warn({ migrations: status.unknown }, 'the database is newer');
}

async function serve(given: WorkerArguments, settings: Settings, log: Logger): Promise<void> {
  const { forceMs, exitMs } = stopTimes(settings.stopBudgetMs);
  const stop = new AbortController();
  stop.signal.addEventListener('abort', () => endAfter(exitMs, log));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  // Before Temporal's runtime, which would keep an ended worker alive.
  await checkTables(settings, log);
  Runtime.install({
    logger: temporalLogger(log),
    telemetryOptions: { logging: { forward: {} } },
    shutdownSignals: [],
  });
  const { address, namespace } = settings.temporal;
  const connection = await connectToTemporal(settings.temporal, connectPatienceMs, stop.signal);
  const blobs = createBlobStore(settings.s3);
  const results = createResultsStore(settings.databaseUrl, { isStored: (ref) => blobs.has(ref) });
  const pool = given.queues.includes('gpu') ? startEngines(settings) : null;
  const identity = `${hostname()}:${process.pid}`;
  const spool = createSpoolBudget(join(settings.home, 'spool'), spoolBytes);
  const engines = pool ?? noEngines;
  const able = { versions: semanticVersions, precisions: computablePrecisions(settings) };
  const deps = { results, blobs, engines, worker: identity, ...able, noProgressTimeoutMs, spool };
  const parts: WorkerParts = {
    connection,
    namespace,
    identity,
    bundlePath,
    control: createControlActivities(results),
    runs: createRunActivities(deps),
    engines: settings.engines.slots,
    shutdownForceMs: forceMs,
  };
  try {
    if (pool !== null) await checkEngines(pool, settings, log);
    const workers = await Promise.all(given.queues.map((queue) => createWorker(queue, parts)));
    await runUntilStopped(workers, stop.signal, () => {
      writeReadyFile(settings.home);
      log.info({ queues: given.queues, engines: pool?.pids(), address, namespace }, 'polling');
    });
  } finally {
    removeReadyFile(settings.home);
    await pool?.close();
    await results.close();
    await connection.close();
  }
}

/** Work that still waits then, for an unavailable database say, is lost as in the kill that follows anyway. */
function endAfter(ms: number, log: Logger): void {
  const end = (): void => {
    log.error({ ms }, 'the stop budget is over; what was not written is computed again');
    process.exit(1);
  };
  setTimeout(end, ms).unref();
}

async function runUntilStopped(
  workers: readonly Worker[],
  stop: AbortSignal,
  polling: () => void,
): Promise<void> {
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const running = workers.map((worker) => worker.run());
  stop.addEventListener('abort', shutdown, { once: true });
  if (stop.aborted) shutdown();
  else polling();
  await Promise.all(running).finally(shutdown);
}

const exitCodes = {
  usage: 2,
  'bad-input': 1,
  'dependency-down': 5,
  cancelled: 4,
  failed: 1,
} as const satisfies Record<UserErrorKind, number>;

/** A person's mistake or an outage is one line; anything else comes with its stack. */
function report(error: unknown, log: Logger): void {
  process.exitCode = error instanceof UserError ? exitCodes[error.kind] : 1;
  if (!(error instanceof UserError)) return log.fatal({ err: error }, 'the worker ended');
  log.fatal(error.hint ? `${error.message}; ${error.hint}` : error.message);
}

async function main(): Promise<void> {
  let log = createLog('info');
  try {
    const given = readArguments(process.argv.slice(2));
    log = createLog(given.logLevel);
    const settings = loadSettings(process.env);
    mkdirSync(settings.home, { recursive: true, mode: 0o700 });
    if (given.queues.includes('gpu')) prepareGraphFolder(settings.graphDir);
    if (given.queues.includes('control') && !existsSync(bundlePath)) {
      throw new UserError('failed', 'the workflows are not bundled', { hint: 'npm run setup' });
    }
    await serve(given, settings, log);
    log.info('stopped');
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return;
    report(error, log);
  }
}

await main();
