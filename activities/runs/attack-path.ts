/** One attack on every t of a path: loss and error before and after. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs, RunInput } from '../../experiment/records.js';
import type { AttackSpec } from '../../experiment/runs.js';
import { createAttacker } from '../../numerics/attacks/attack-evaluation.js';
import { linf } from '../../numerics/attacks/linf.js';
import { modelNamed } from '../../numerics/models/model.js';
import { toTensors } from '../../numerics/parameters.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch, firstImages } from './data.js';
import { loadPath } from './path.js';

export async function attackPath(
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const model = modelNamed(spec.model);
  const data = await dataset(context, spec.dataset);
  const images = firstImages(data.test, spec.images);
  const path = await loadPath(context, model, spec, inputs);
  const size = Math.min(evaluationBatch, spec.images);
  const attacker = createAttacker(
    context.host,
    model,
    linf,
    spec,
    images.shape,
    data.classes,
    size,
  );
  try {
    for (const [i, t] of spec.t.entries()) {
      const parameters = toTensors(model.parameters, path.at(t));
      try {
        const outcome = await attacker.attack(parameters, images, () => context.pause());
        context.metrics([
          { series: 'clean_nll', x: t, value: outcome.cleanNll },
          { series: 'clean_error', x: t, value: outcome.cleanError },
          { series: 'robust_nll', x: t, value: outcome.robustNll },
          { series: 'robust_error', x: t, value: outcome.robustError },
        ]);
        context.progress(i + 1, spec.t.length, 'attacking');
      } finally {
        tf.dispose(parameters);
      }
    }
    return {};
  } finally {
    attacker.dispose();
  }
}
