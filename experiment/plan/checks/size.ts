/** Refuses a plan of more runs than can be planned at once. */
import type { ExperimentConfig } from '../../experiment.js';
import { UserError } from '../../errors.js';

const mostRuns = 200_000;

/** Fit, evaluation, straight line, spectra, transfer, ensemble, summaries. */
const runsOfCurve = 10;

/** Before any is made: counted from what the cases name. */
export function checkSize(cases: readonly ExperimentConfig[]): void {
  const runs = cases.reduce((sum, one) => sum + atMost(one), 0);
  if (runs <= mostRuns) return;
  const what = `as many as ${runs} runs; at most ${mostRuns} are planned at once`;
  throw new UserError('bad-input', `the file: ${what}: divide it into several experiments`);
}

function atMost({ endpoints, curves, attacks, detections, probes }: ExperimentConfig): number {
  const named = Object.keys(attacks).length + Object.keys(detections ?? {}).length;
  const alongCurve = named + runsOfCurve;
  const measured = Object.keys(curves).length * alongCurve;
  return 2 * Object.keys(endpoints).length + measured + (probes?.count ?? 0);
}
