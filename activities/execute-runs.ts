/** Carries out runs, each as one attempt: claim, compute, commit; every way out leaves a truthful row. */
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
import type { RunKey, Versions } from '../experiment/records/runs.js';
import type { FailedRun, RunGroup, RunReport } from '../experiment/records/workflow-records.js';
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
import { patiently } from './retry-database.js';
import { openSpool, type SpoolBudget } from './spool.js';
import { startPulse, type Pulse } from './heartbeat.js';

export interface RunDependencies {
  readonly results: ResultsStore;
  readonly engines: Engines;
  /** Names this worker in the attempts it makes. */
  readonly worker: string;
  /** Semantic versions that this worker computes: runs of other versions are handed back. */
  readonly versions: Versions;
  readonly noProgressTimeoutMs: number;
  /** Where metrics wait while the database is away. */
  readonly spool: SpoolBudget;
}

/** An engine that fails this often on one run is not tried again. */
export const maxEngineFailures = 3;

interface Attempt extends ClaimedRun {
  readonly deps: RunDependencies;
  readonly experiment: string;
  readonly pulse: Pulse;
  readonly metrics: MetricWriter;
  /** Aborted with the reason for which the attempt must end. */
  readonly stop: AbortController;
}

export function createExecuteRuns(deps: RunDependencies) {
  return async ({ experiment, runs }: RunGroup): Promise<RunReport> => {
    const pulse = startPulse();
    const failed: FailedRun[] = [];
    const returned: RunKey[] = [];
    try {
      for (const run of runs) {
        pulse.begin(run);
        const ended = await executeRun(deps, experiment, run, pulse);
        if (ended === 'returned') returned.push(run);
        if (typeof ended === 'string') continue;
        if (runs.length === 1) throw ended.error;
        failed.push({ run, failure: ended.failure });
      }
      return { failed, ...(returned.length > 0 ? { paused: returned } : {}) };
    } finally {
      pulse.stop();
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
  pulse: Pulse,
): Promise<FinalFailure | Unclaimed> {
  // Temporal aborts the signal from outside of the activity's own context.
  const cancellation = cancellationSignal();
  const { worker, versions } = deps;
  let by = { worker, holder: holderName(), experiment, leaseMs, versions };
  for (;;) {
    const stop = new AbortController();
    const cancel = (): void => stop.abort(cancellation.reason);
    cancellation.addEventListener('abort', cancel, { once: true });
    let attempt: Attempt | null = null;
    try {
      const claim = await patiently(
        () => claimRun(deps.results, run, by, cancellation),
        cancellation,
      );
      if (typeof claim === 'string') return claim;
      attempt = { ...claim, deps, experiment, pulse, stop, metrics: metricsOf(deps, claim, stop) };
      await underLease(attempt);
      return 'done';
    } catch (error) {
      if (!(error instanceof StaleAttemptError)) return await settle(error, attempt, pulse);
      log.info('a newer attempt has taken over', { run });
      // It is left alone while its lease lasts: two that overtake each other would never end.
      by = { ...by, holder: `${holderName()}/overtaken` };
    } finally {
      cancellation.removeEventListener('abort', cancel);
      attempt?.metrics.close();
    }
  }
}

/** The same for every attempt that Temporal makes at one activity: the next follows a worker that was lost. */
function holderName(): string {
  const { workflowExecution, activityId } = activityInfo();
  return `${workflowExecution?.runId ?? 'none'}/${activityId}`;
}

function metricsOf(deps: RunDependencies, claim: ClaimedRun, stop: AbortController): MetricWriter {
  const { run, epoch } = claim;
  return createMetricWriter({
    write: (rows) => patiently(() => deps.results.appendMetrics(run.key, epoch, rows), stop.signal),
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
  const inputs = await patiently(() => gatherInputs(deps.results, run), stop.signal);
  const outcome = await compute(attempt, inputs);
  if (outcome.type === 'failed') throw new FailedRunError(outcome.failure);
  if (outcome.type === 'stopped') throw stop.signal.reason;
  await metrics.flush();
  const { outputs, environment } = outcome;
  const commit = () => deps.results.completeRun(run.key, epoch, { outputs, inputs, environment });
  await patiently(commit, stop.signal);
}

type Outcome =
  EngineOutcome | { readonly type: 'done'; readonly outputs: Outputs; readonly environment: null };

async function compute(attempt: Attempt, inputs: readonly RunInput[]): Promise<Outcome> {
  const { deps, run, epoch, pulse, metrics, stop } = attempt;
  const { noProgressTimeoutMs } = deps;
  if (run.queue === 'gpu') {
    const checkpointing = await checkpointingFor(deps.results, run.key, attempt.experiment);
    const checkpoints = createCheckpointWriter(deps.results, attempt);
    const job = { run, epoch, inputs, checkpointing };
    const parts = { pulse, metrics, stop, noProgressTimeoutMs, checkpoints };
    return computeInEngine(deps.engines, job, parts);
  }
  void metrics.add(await computeInWorker(deps.results, run, inputs, stop.signal));
  return { type: 'done', outputs: {}, environment: null };
}

/** Ends the attempt in the database. Returns a failure that is final; throws what Temporal is to be told otherwise. */
async function settle(
  error: unknown,
  attempt: Attempt | null,
  pulse: Pulse,
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
  const final = isFinal(failure, pulse);
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

/** Outages of a dependency are waited out; failures of the engine itself are counted. */
function isFinal(failure: RunFailure, pulse: Pulse): boolean {
  if (!retryableFailures.includes(failure.type)) return true;
  if (failure.type === 'dependency-down') return false;
  pulse.countFailure();
  return pulse.failures + 1 >= maxEngineFailures;
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
