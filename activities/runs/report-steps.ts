/** Reports a training loop: progress at every step, a loss curve of bounded length, a pause to stop in. */
import type { Series } from '../../experiment/metrics.js';
import type { OnStep } from '../../numerics/training/descent.js';
import type { EngineContext } from './context.js';

/** A loss curve has about this many points, however long the training. */
const curvePoints = 500;

export function reportSteps(context: EngineContext, series: Series, phase: string): OnStep {
  return async (step, total, loss) => {
    const every = Math.max(1, Math.floor(total / curvePoints));
    if (step % every === 0 || step === total || !Number.isFinite(loss)) {
      context.metrics([{ series, x: step, value: loss }]);
    }
    context.progress(step, total, phase);
    await context.pause();
  };
}
