/** Display name of a run that no experiment names any more. */
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';

export type Naming = Pick<PlannedRun, 'name' | 'curve' | 'summary'>;

/** A run of a former version of an experiment: its result still counts. */
export function unnamed(kind: string, key: RunKey): Naming {
  return { name: `${kind}/${key.slice(0, 10)}`, curve: null, summary: kind };
}
