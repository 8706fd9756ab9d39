/** Executes runs, each as one attempt: claim, compute, commit; however it ends, the row says how. */
import {
  activityInfo,
  ApplicationFailure,
  cancellationDetails,
  cancellationSignal,
  log,
} from '@temporalio/activity';
import {
  retryableFailures,
  type Outputs,
  type RunFailure,
  type RunInput,
} from '../experiment/records/records.js';
import type { RunKey } from '../experiment/records/runs.js';
import type { ProductPrecision } from '../experiment/plan/product-precision.js';
import type { Versions } from '../experiment/kinds/index.js';
import type { FailedRun, RunGroup, RunReport } from '../experiment/records/workflow-records.js';
import type { BlobStore } from '../stores/blobs/blob-store.js';
import { StaleAttemptError, type ResultsStore } from '../stores/results/results-store.js';
import { checkpointingFor, createCheckpointWriter } from './checkpoints.js';
import {
  claimRun,
  gatherInputs,
  SharedFailure,
  type ClaimedRun,
  type Unclaimed,
} from './claim-run.js';
import { computeInEngine } from './compute-in-engine.js';
import { computeInWorker } from './compute-in-worker.js';
import type { EngineOutcome, Engines } from './engines.js';
import { FailedRunError, failureFrom } from '../engine/failures.js';
import { keepLease, leaseMs } from './lease.js';
import { createMetricWriter, type MetricWriter } from './metric-writer.js';
import { retryDatabase } from './retry-database.js';
import { openSpool, type SpoolBudget } from './spool.js';
import { startHeartbeat, type Heartbeat } from './heartbeat.js';

export interface RunDependencies {
  readonly results: ResultsStore;
  /** Artifacts that runs of the worker itself read. */
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly engines: Engines;
  /** Names this worker in the attempts it makes. */
  readonly worker: string;
  /** Semantic versions that this worker computes: it returns runs of other versions. */
  readonly versions: Versions;
  /** Precisions of products that its engines can compute in; runs in others it returns likewise. */
  readonly precisions: readonly ProductPrecision[];
  readonly noProgressTimeoutMs: number;
  /** Holds metrics while the database is unreachable. */
  readonly spool: SpoolBudget;
}

/** Number of engine failures after which a run fails. */
const maxEngineFailures = 3;

interface Attempt extends ClaimedRun {
  readonly deps: RunDependencies;
  readonly experiment: string;
  readonly heartbeat: Heartbeat;
  readonly metrics: MetricWriter;
  /** Aborted with the reason for which the attempt must end. */
  readonly stop: AbortController;
}

export function createExecuteRuns(deps: RunDependencies) {
  return async ({ experiment, runs }: RunGroup): Promise<RunReport> => {
    const heartbeat = startHeartbeat();
    const failed: FailedRun[] = [];
    const returned: RunKey[] = [];
    try {
      for (const run of runs) {
        heartbeat.begin(run);
        const ended = await executeRun(deps, experiment, run, heartbeat);
        if (ended === 'returned') returned.push(run);
        if (typeof ended === 'string') continue;
        if (runs.length === 1) throw ended.error;
        failed.push({ run, failure: ended.failure });
      }
      return { failed, ...(returned.length > 0 ? { paused: returned } : {}) };
    } finally {
      heartbeat.stop();
    }
  };
}

interface FinalFailure {
  readonly failure: RunFailure;
  readonly error: unknown;
}

/** Throws what Temporal is to try again, and cancellation. */
async function executeRun(
  deps: RunDependencies,
  experiment: string,
  run: RunKey,
  heartbeat: Heartbeat,
): Promise<FinalFailure | Unclaimed> {
  // Temporal aborts the signal from outside of the activity's own context.
  const cancellation = cancellationSignal();
  const { worker, versions, precisions } = deps;
  let by = { worker, holder: holderName(), experiment, leaseMs, versions, precisions };
  for (;;) {
    const stop = new AbortController();
    const cancel = (): void => stop.abort(cancellation.reason);
    cancellation.addEventListener('abort', cancel, { once: true });
    let attempt: Attempt | null = null;
    try {
      const claim = await retryDatabase(
        () => claimRun(deps.results, run, by, cancellation),
        cancellation,
      );
      if (typeof claim === 'string') return claim;
      attempt = {
        ...claim,
        deps,
        experiment,
        heartbeat,
        stop,
        metrics: metricWriter(deps, claim, stop),
      };
      await underLease(attempt);
      return 'done';
    } catch (error) {
      if (!(error instanceof StaleAttemptError)) return await settle(error, attempt, heartbeat);
      log.info('a newer attempt has taken over', { run });
      // Waits for its lease to end: two attempts that overtake each other would never complete.
      by = { ...by, holder: `${holderName()}/overtaken` };
    } finally {
      cancellation.removeEventListener('abort', cancel);
      attempt?.metrics.close();
    }
  }
}

/** The same for every attempt of one activity: Temporal starts the next only after the former is lost. */
function holderName(): string {
  const { workflowExecution, activityId } = activityInfo();
  return `${workflowExecution?.runId ?? 'none'}/${activityId}`;
}

function metricWriter(
  deps: RunDependencies,
  claim: ClaimedRun,
  stop: AbortController,
): MetricWriter {
  const { run, epoch } = claim;
  return createMetricWriter({
    write: (rows) =>
      retryDatabase(() => deps.results.appendMetrics(run.key, epoch, rows), stop.signal),
    onBroken: (error) => stop.abort(error),
    openSpool: () => openSpool(deps.spool, `${run.key.slice(0, 16)}-${epoch}`),
  });
}

async function underLease(attempt: Attempt): Promise<void> {
  const { deps, stop } = attempt;
  const lease = keepLease(deps.results, attempt, (error) => stop.abort(error));
  try {
    await perform(attempt);
  } finally {
    lease.stop();
  }
}

async function perform(attempt: Attempt): Promise<void> {
  const { deps, run, epoch, metrics, stop } = attempt;
  const inputs = await retryDatabase(() => gatherInputs(deps.results, run), stop.signal);
  const outcome = await compute(attempt, inputs);
  if (outcome.type === 'failed') throw new FailedRunError(outcome.failure);
  if (outcome.type === 'stopped') throw stop.signal.reason;
  await metrics.flush();
  const { outputs, environment } = outcome;
  const commit = () => deps.results.completeRun(run.key, epoch, { outputs, inputs, environment });
  await retryDatabase(commit, stop.signal);
}

type Outcome =
  EngineOutcome | { readonly type: 'done'; readonly outputs: Outputs; readonly environment: null };

async function compute(attempt: Attempt, inputs: readonly RunInput[]): Promise<Outcome> {
  const { deps, run, epoch, heartbeat, metrics, stop } = attempt;
  const { noProgressTimeoutMs, results, blobs } = deps;
  if (run.queue === 'gpu') {
    const checkpointing = await checkpointingFor(deps.results, run.key, attempt.experiment);
    const checkpoints = createCheckpointWriter(deps.results, attempt);
    const job = { run, epoch, inputs, checkpointing };
    const parts = { heartbeat, metrics, stop, noProgressTimeoutMs, checkpoints };
    return computeInEngine(deps.engines, job, parts);
  }
  void metrics.add(await computeInWorker(run, { results, blobs, inputs, signal: stop.signal }));
  return { type: 'done', outputs: {}, environment: null };
}

/** Ends the attempt in the database. Returns a failure that is final; throws what Temporal is to be told otherwise. */
async function settle(
  error: unknown,
  attempt: Attempt | null,
  heartbeat: Heartbeat,
): Promise<FinalFailure> {
  if (cancellationSignal().aborted) {
    const requested = cancellationDetails()?.cancelRequested ?? false;
    await endAttempt(attempt, requested ? 'cancelled' : 'interrupted', null);
    throw cancellationSignal().reason;
  }
  if (error instanceof SharedFailure) {
    return { failure: error.failure, error: error.asApplicationFailure() };
  }
  const failure = failureFrom(error);
  const final = isFinal(failure, heartbeat);
  log.warn('an attempt failed', { ...failure, final, error });
  await endAttempt(attempt, final ? 'failed' : 'interrupted', failure);
  const told = ApplicationFailure.create({
    message: failure.message,
    type: failure.type,
    nonRetryable: final,
    details: attempt ? [{ run: attempt.run.name, key: attempt.run.key, epoch: attempt.epoch }] : [],
  });
  if (final) return { failure, error: told };
  throw told;
}

/** Outages of a dependency are retried without limit; failures of the engine are counted. */
function isFinal(failure: RunFailure, heartbeat: Heartbeat): boolean {
  if (!retryableFailures.includes(failure.type)) return true;
  if (failure.type === 'dependency-down') return false;
  heartbeat.countFailure();
  return heartbeat.failures + 1 >= maxEngineFailures;
}

/** A database that is away must not hide why the attempt ended; closing the experiment mends the row. */
async function endAttempt(
  attempt: Attempt | null,
  state: 'failed' | 'interrupted' | 'cancelled',
  failure: RunFailure | null,
): Promise<void> {
  if (attempt === null) return;
  const { deps, run, epoch } = attempt;
  try {
    await deps.results.endAttempt(run.key, epoch, state, failure);
  } catch (error) {
    log.warn('the end of an attempt was not recorded', { run: run.name, epoch, state, error });
  }
}
