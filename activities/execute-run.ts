/** Carries out one run as one attempt: claim, compute, commit; every way out leaves a truthful row. */
import {
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
} from '../experiment/records.js';
import type { RunOrder, RunReceipt } from '../experiment/workflow-records.js';
import { StaleAttemptError, type ResultsStore } from '../stores/results-store.js';
import { awaitOtherAttempt } from './await-other-attempt.js';
import { claimRun, gatherInputs, type Claim } from './claim-run.js';
import { computeInEngine } from './compute-in-engine.js';
import { computeSummary } from './compute-summary.js';
import type { EngineOutcome, Engines } from './engines.js';
import { FailedRunError, failureFrom } from './failures.js';
import { createMetricWriter, type MetricWriter } from './metric-writer.js';
import { patiently } from './patience.js';
import { startPulse, type Pulse } from './pulse.js';

export interface RunDependencies {
  readonly results: ResultsStore;
  readonly engines: Engines;
  /** Names this worker in the attempts it makes. */
  readonly worker: string;
  readonly noProgressTimeoutMs: number;
}

/** An engine that fails this often on one run is not tried again. */
export const maxEngineFailures = 3;

interface Attempt extends Claim {
  readonly deps: RunDependencies;
  readonly pulse: Pulse;
  readonly metrics: MetricWriter;
  /** Aborted with the reason for which the attempt must end. */
  readonly stop: AbortController;
}

export function createExecuteRun(deps: RunDependencies) {
  return async ({ run }: RunOrder): Promise<RunReceipt> => {
    const pulse = startPulse(run);
    const stop = new AbortController();
    // Temporal aborts the signal from outside of the activity's own context.
    const cancellation = cancellationSignal();
    const cancel = (): void => stop.abort(cancellation.reason);
    cancellation.addEventListener('abort', cancel, { once: true });
    let attempt: Attempt | null = null;
    try {
      const claim = await claimRun(deps.results, run, deps.worker);
      if (claim === null) return { state: 'cached' };
      attempt = { ...claim, deps, pulse, stop, metrics: metricsOf(deps, claim, stop) };
      await perform(attempt);
      return { state: 'done' };
    } catch (error) {
      if (error instanceof StaleAttemptError) {
        log.info('a newer attempt has taken over', { run });
        return await awaitOtherAttempt(deps.results, run, cancellation);
      }
      throw await settle(error, attempt, pulse);
    } finally {
      cancellation.removeEventListener('abort', cancel);
      pulse.stop();
    }
  };
}

function metricsOf(deps: RunDependencies, claim: Claim, stop: AbortController): MetricWriter {
  const { run, epoch } = claim;
  return createMetricWriter(
    (rows) => patiently(() => deps.results.appendMetrics(run.key, epoch, rows), stop.signal),
    (error) => stop.abort(error),
  );
}

async function perform(attempt: Attempt): Promise<void> {
  const { deps, run, epoch, metrics, stop } = attempt;
  const inputs = await gatherInputs(deps.results, run);
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
    const job = { run, epoch, inputs };
    return computeInEngine(deps.engines, job, { pulse, metrics, stop, noProgressTimeoutMs });
  }
  metrics.add(await computeSummary(deps.results, run, inputs));
  return { type: 'done', outputs: {}, environment: null };
}

/** Ends the attempt in the database and returns what Temporal is to be told. */
async function settle(error: unknown, attempt: Attempt | null, pulse: Pulse): Promise<unknown> {
  if (cancellationSignal().aborted) {
    const requested = cancellationDetails()?.cancelRequested ?? false;
    await endAttempt(attempt, requested ? 'cancelled' : 'interrupted', null);
    return cancellationSignal().reason;
  }
  const failure = failureFrom(error);
  const final = isFinal(failure, pulse);
  log.warn('an attempt failed', { ...failure, final, error });
  await endAttempt(attempt, final ? 'failed' : 'interrupted', failure);
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.type,
    nonRetryable: final,
    details: attempt ? [{ run: attempt.run.name, key: attempt.run.key, epoch: attempt.epoch }] : [],
  });
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
