/** Reports a training loop: progress, a loss curve of bounded length, and divergence. */
import { outOfBounds } from '../../experiment/records/loss-bound.js';
import { row, type SeriesRow } from '../../experiment/records/rows.js';
import type { OnStep } from '../../numerics/optimise/descent.js';
import type { EngineContext } from './context.js';

/** A loss curve has about this many points, however long the training. */
const curvePoints = 500;

/** The series of batch losses of the kinds that train. */
export type BatchLoss = 'batch_loss' | 'curve_batch_loss' | 'injection_loss';

/** The row of one step of a training. */
export function batchLossRow(series: BatchLoss, x: number, loss: number): SeriesRow {
  const place = { x, n: 1 };
  switch (series) {
    case 'batch_loss':
      return row('endpoint', series, place, loss);
    case 'curve_batch_loss':
      return row('curve', series, place, loss);
    case 'injection_loss':
      return row('injection', series, place, loss);
  }
}

/** `told` gets every point that is reported. */
export function reportSteps(
  context: EngineContext,
  series: BatchLoss,
  phase: string,
  told: (row: SeriesRow) => void,
): OnStep {
  return (step, total, loss) => {
    const every = Math.max(1, Math.floor(total / curvePoints));
    if (step % every === 0 || step === total || !Number.isFinite(loss)) {
      const point = batchLossRow(series, step, loss);
      context.metrics([point]);
      told(point);
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
    context.metrics([row('endpoint', outOfBounds, { x: 0, n: 1 }, loss)]);
  };
  see(seen);
  return { see, largest: () => largest };
}
