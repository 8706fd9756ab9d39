/** State of each run of a plan in the results database, before it starts. */
import type { Plan } from '../../experiment/plan/plan.js';
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';
import { whyStale } from '../../experiment/plan/stale.js';
import type { ResultsStore, StoredStanding } from '../../stores/results/results-store.js';
import { whyRefused, type RunStatus } from './run-status.js';
import { sha256 } from '../../stores/sha256.js';

/** `new`: no experiment has asked for it; `cached`: another experiment did it; `stale`: it did, but as another run. */
export async function planStates(
  store: Pick<ResultsStore, 'standingsOf' | 'formerRuns'>,
  plan: Plan,
): Promise<ReadonlyMap<RunKey, RunStatus>> {
  const stored = await store.standingsOf(plan.runs.map(({ key }) => key));
  const states = new Map<RunKey, RunStatus>();
  for (const run of plan.runs) {
    const standing = stored.get(run.key);
    if (standing) states.set(run.key, storedStatus(standing, run, plan.id));
  }
  const unknown = plan.runs.filter(({ key }) => !stored.has(key));
  const changed = await staleRuns(store, plan, unknown);
  for (const { key } of unknown) states.set(key, changed.get(key) ?? { state: 'new', why: '' });
  return states;
}

function storedStatus(stored: StoredStanding, run: PlannedRun, experiment: string): RunStatus {
  const { state, failure, reason, madeBy } = stored;
  if (state !== 'done') {
    if (stored.refused) return { state, why: whyRefused({ ...stored, run }) };
    return { state, why: failure ? `${failure.type}: ${failure.message}` : (reason ?? '') };
  }
  return madeBy === experiment
    ? { state, why: '' }
    : { state: 'cached', why: madeBy === null ? '' : `by ${madeBy}` };
}

/** In plan order, so that of each the runs that it needs are known. */
async function staleRuns(
  store: Pick<ResultsStore, 'formerRuns'>,
  plan: Plan,
  unknown: readonly PlannedRun[],
): Promise<ReadonlyMap<RunKey, RunStatus>> {
  if (unknown.length === 0) return new Map();
  const former = await store.formerRuns(
    plan.name,
    unknown.map(({ name }) => name),
  );
  const names = new Map(plan.runs.map(({ key, name }) => [key, name]));
  const stale = new Map<RunKey, RunStatus>();
  const findParent = (key: RunKey) => ({ name: names.get(key)!, stale: stale.has(key) });
  for (const run of unknown) {
    const before = former.get(run.name);
    if (before === undefined) continue;
    stale.set(run.key, { state: 'stale', why: whyStale(run, before, findParent, sha256) });
  }
  return stale;
}

export function isFinished(states: ReadonlyMap<RunKey, RunStatus>): boolean {
  return [...states.values()].every(isResult);
}

/** Nothing is to be computed. */
export function isResult({ state }: RunStatus): boolean {
  return state === 'done' || state === 'cached';
}
