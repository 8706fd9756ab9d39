/** What the results database says of each run of a plan, before anything starts. */
import type { RunState } from '../experiment/records.js';
import type { Plan } from '../experiment/plan.js';
import type { RunKey } from '../experiment/runs.js';
import type { ResultsStore } from '../stores/results-store.js';

/** `new`: no experiment has asked for it; `cached`: done by another experiment. */
export type PlanState = RunState | 'new' | 'cached';

export async function planStates(
  store: Pick<ResultsStore, 'statesOf' | 'findExperiment'>,
  plan: Plan,
): Promise<ReadonlyMap<RunKey, PlanState>> {
  const [states, experiment] = await Promise.all([
    store.statesOf(plan.runs.map(({ key }) => key)),
    store.findExperiment(plan.id),
  ]);
  const elsewhere = experiment?.id !== plan.id;
  const stateOf = (key: RunKey): PlanState => {
    const state = states.get(key);
    return elsewhere && state === 'done' ? 'cached' : (state ?? 'new');
  };
  return new Map(plan.runs.map(({ key }) => [key, stateOf(key)]));
}

export function isFinished(states: ReadonlyMap<RunKey, PlanState>): boolean {
  return [...states.values()].every((state) => state === 'done' || state === 'cached');
}
