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

/** The attempt of a lost worker ended without a word: its row still says that it runs. */
async function mend(
  results: ResultsStore,
  key: RunKey,
  state: 'failed' | 'cancelled',
  failure: RunFailure | null,
): Promise<void> {
  const [row] = await results.findRuns([key]);
  if (row === undefined || row.state === 'done' || row.state === state) return;
  if (row.state !== 'running' && state === 'cancelled') {
    return results.markUnstarted([key], 'cancelled', null);
  }
  await results.endAttempt(key, row.epoch, state, failure).catch((error: unknown) => {
    if (!(error instanceof StaleAttemptError)) throw error;
  });
}

function byReason(blocked: ClosingExperiment['blocked']): ReadonlyMap<string, readonly RunKey[]> {
  const groups = new Map<string, RunKey[]>();
  for (const { key, reason } of blocked) groups.set(reason, [...(groups.get(reason) ?? []), key]);
  return groups;
}
