/** Reports a training loop: progress, a loss curve of bounded length, and divergence. */
import { outOfBounds } from '../../experiment/records/loss-bound.js';
import type { Series } from '../../experiment/catalogue/metrics.js';
import { metricRow, type MetricRow } from '../../experiment/records/records.js';
import type { OnStep } from '../../numerics/optimise/descent.js';
import type { EngineContext } from './context.js';

/** A loss curve has about this many points, however long the training. */
const curvePoints = 500;

/** `told` gets every point that is reported. */
export function reportSteps(
  context: EngineContext,
  series: Series,
  phase: string,
  told: (row: MetricRow) => void,
): OnStep {
  return (step, total, loss) => {
    const every = Math.max(1, Math.floor(total / curvePoints));
    if (step % every === 0 || step === total || !Number.isFinite(loss)) {
      const row = metricRow(series, step, loss, 1);
      context.metrics([row]);
      told(row);
    }
    context.progress(step, total, phase);
  };
}

/** The largest finite loss so far, where it is over the bound. An infinite one ends the run as diverged. */
export interface Excess {
  see(loss: number): void;
  largest(): number;
}

/** `seen`: what an earlier attempt saw. Reports every new largest, so that the last report is the largest of all. */
export function reportExcess(context: EngineContext, bound: number, seen: number): Excess {
  let largest = bound;
  const see = (loss: number): void => {
    if (!(loss > largest) || loss === Infinity) return;
    largest = loss;
    context.metrics([metricRow(outOfBounds, 0, loss, 1)]);
  };
  see(seen);
  return { see, largest: () => largest };
}
