/** Writes how an experiment and the runs that never started ended, and mends rows of workers that were lost. */
import type { RunFailure } from '../experiment/records.js';
import type { RunKey } from '../experiment/runs.js';
import type { ClosingExperiment } from '../experiment/workflow-records.js';
import { StaleAttemptError, type ResultsStore } from '../stores/results-store.js';
import { failActivity } from './fail-activity.js';

export function createCloseExperiment(results: ResultsStore) {
  return (closing: ClosingExperiment): Promise<void> =>
    failActivity(async () => {
      const { failed, blocked, cancelled } = closing;
      for (const { key, failure } of failed) await mend(results, key, 'failed', failure);
      for (const key of cancelled) await mend(results, key, 'cancelled', null);
      for (const [reason, keys] of byReason(blocked)) {
        await results.markUnstarted(keys, 'blocked', reason);
      }
      await results.setExperimentState(closing.experiment, closing.state);
    });
}

/** A worker that was lost, or that never reached the database, leaves a row that says less than is known. */
async function mend(
  results: ResultsStore,
  key: RunKey,
  state: 'failed' | 'cancelled',
  failure: RunFailure | null,
): Promise<void> {
  const [row] = await results.findRuns([key]);
  if (row === undefined) return;
  if (row.state === 'running') return endAttempt(results, key, row.epoch, state, failure);
  if (state === 'cancelled') return results.markUnstarted([key], 'cancelled', null);
  if (row.state !== 'queued') return;
  const attempt = await results.beginAttempt(key, 'none');
  if (!attempt.done) await endAttempt(results, key, attempt.epoch, state, failure);
}

/** An attempt of another experiment may have begun in the meantime: that one is the truth then. */
async function endAttempt(
  results: ResultsStore,
  ...attempt: Parameters<ResultsStore['endAttempt']>
): Promise<void> {
  try {
    await results.endAttempt(...attempt);
  } catch (error) {
    if (!(error instanceof StaleAttemptError)) throw error;
  }
}

function byReason(blocked: ClosingExperiment['blocked']): ReadonlyMap<string, readonly RunKey[]> {
  const groups = new Map<string, RunKey[]>();
  for (const { key, reason } of blocked) groups.set(reason, [...(groups.get(reason) ?? []), key]);
  return groups;
}
