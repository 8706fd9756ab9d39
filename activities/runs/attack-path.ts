/** One attack on every t of a path: loss and error before and after. */
import type { Outputs, RunInput } from '../../experiment/records.js';
import type { AttackSpec } from '../../experiment/runs.js';
import { createAttacker } from '../../numerics/attacks/attack-evaluation.js';
import { linf } from '../../numerics/attacks/linf.js';
import { modelFor } from '../../numerics/models/model.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch, firstImages, withResident } from './data.js';
import { alongPath, loadPath } from './path.js';
import { withStatistics } from './statistics.js';

export async function attackPath(
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const { test, classes } = data;
  const model = modelFor(spec.model, test.shape, classes);
  const path = await loadPath(context, model, spec, inputs);
  const images = firstImages(test, spec.images);
  await withStatistics(context, model, spec, inputs, data, (statisticsAt) =>
    withResident(images, classes, async (resident) => {
      const attacker = createAttacker(context.host, model, linf, spec, resident, evaluationBatch);
      try {
        await alongPath(path, model, spec.t, statisticsAt, async (t, weights, _values, i) => {
          const outcome = await attacker.attack(weights, () => context.pause());
          context.metrics([
            { series: 'clean_nll', x: t, value: outcome.cleanNll },
            { series: 'clean_error', x: t, value: outcome.cleanError },
            { series: 'robust_nll', x: t, value: outcome.robustNll },
            { series: 'robust_error', x: t, value: outcome.robustError },
          ]);
          context.progress(i + 1, spec.t.length, 'attacking');
        });
      } finally {
        attacker.dispose();
      }
    }),
  );
  return {};
}
