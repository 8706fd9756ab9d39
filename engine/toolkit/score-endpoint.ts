/** Scores the network of an endpoint on the test set and stores its weights. */
import type * as tf from '@tensorflow/tfjs';
import type { Outputs } from '../../experiment/records/records.js';
import { rows } from '../../experiment/records/rows.js';
import type { Pause } from '../../numerics/evaluation/batched.js';
import { createEvaluator } from '../../numerics/evaluation/evaluate.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import { toValues } from '../../numerics/models/parameters.js';
import type { EngineContext } from './context.js';
import { evaluationBatch, withResident, type Dataset } from './data.js';
import { saveWeights } from './weights.js';

/** `weights`: parameters, then statistics; they stay the caller's. */
export async function scoreAndSave(
  context: EngineContext,
  model: Model,
  weights: tf.Tensor[],
  { test, classes }: Pick<Dataset, 'test' | 'classes'>,
  pause: Pause = () => context.pause(),
): Promise<Outputs> {
  await withResident(test, classes, async (data) => {
    const evaluator = createEvaluator(context.host, model, data, evaluationBatch);
    try {
      const { nll, error, n } = await evaluator.evaluate(weights, pause);
      context.metrics(
        rows('endpoint', { x: 0, n }, { final_test_nll: nll, final_test_error: error }),
      );
    } finally {
      evaluator.dispose();
    }
  });
  const specs = weightSpecs(model);
  const sets = new Map([['', toValues(specs, weights)]]);
  return { weights: await saveWeights(context, model, sets, specs) };
}
