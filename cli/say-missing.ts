/** Says how many runs lack a result, so that an absent number is not taken for an absent question. */
import { missingRuns } from '../report/view.js';
import type { ExperimentView } from '../report/views.js';
import type { Context } from './context.js';
import { countStates, describeCounts } from './states.js';

export function sayMissing(context: Context, view: ExperimentView): void {
  const missing = missingRuns(view);
  if (missing.length === 0) return;
  const counts = describeCounts(countStates(missing.map(({ state }) => state)));
  context.say(`${missing.length} of ${view.runs.length} runs have no result (${counts})`);
}
