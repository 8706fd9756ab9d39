/** Reports runs without a result, and results with warnings. */
import { doubtfulRuns, missingRuns } from '../../report/view/read-view.js';
import type { ExperimentView } from '../../report/view/records.js';
import type { Context } from '../terminal/context.js';
import { countStates, describeCounts } from './states.js';

export function sayMissing(context: Context, view: ExperimentView): void {
  sayWarnings(context, view);
  const missing = missingRuns(view);
  if (missing.length === 0) return;
  const counts = describeCounts(countStates(missing.map(({ state }) => state)));
  context.say(`${missing.length} of ${view.runs.length} runs have no result (${counts})`);
}

/** A sweep may have thousands. */
const warningsShown = 5;

export function sayWarnings(context: Context, view: ExperimentView): void {
  const doubtful = doubtfulRuns(view);
  for (const { name, warning } of doubtful.slice(0, warningsShown)) {
    context.say(`${name}: ${warning}`);
  }
  const more = doubtful.length - warningsShown;
  if (more > 0) context.say(`and ${more} more runs with warnings (report ${view.id} lists all)`);
}
