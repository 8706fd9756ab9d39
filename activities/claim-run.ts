/** Claims the next attempt of one run unless its result is there already; gathers what it needs. */
import type { RunInput } from '../experiment/records.js';
import type { PlannedRun, RunKey } from '../experiment/runs.js';
import type { ResultsStore } from '../stores/results-store.js';
import { FailedRunError } from './failures.js';

export interface Claim {
  readonly run: PlannedRun;
  readonly epoch: number;
}

/** Null when the run is done. */
export async function claimRun(
  results: ResultsStore,
  key: RunKey,
  worker: string,
): Promise<Claim | null> {
  const [row] = await results.findRuns([key]);
  if (row === undefined) {
    throw badInput(`no run ${key} in the database; start the experiment again with isthmus run`);
  }
  const attempt = await results.beginAttempt(key, worker);
  return attempt.done ? null : { run: row.run, epoch: attempt.epoch };
}

/** What is not there is a failure of this attempt, and its row will say so. */
export async function gatherInputs(
  results: ResultsStore,
  run: PlannedRun,
): Promise<readonly RunInput[]> {
  if (run.needs.length === 0) return [];
  const rows = await results.findRuns(run.needs.map((need) => need.run));
  const byKey = new Map(rows.map((row) => [row.run.key, row]));
  return run.needs.map(({ role, run: key }) => {
    const row = byKey.get(key);
    if (row?.state === 'done') return { role, run: key, outputs: row.outputs };
    throw badInput(`${run.name} needs run ${key}, which is ${row?.state ?? 'not in the database'}`);
  });
}

function badInput(message: string): FailedRunError {
  return new FailedRunError({ type: 'bad-input', message });
}
