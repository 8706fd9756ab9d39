/** Reports a training loop: progress at every step, and a loss curve of bounded length. */
import type { Series } from '../../experiment/metrics.js';
import type { MetricRow } from '../../experiment/records.js';
import type { OnStep } from '../../numerics/training/descent.js';
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
      const row = { series, x: step, value: loss };
      context.metrics([row]);
      told(row);
    }
    context.progress(step, total, phase);
  };
}
