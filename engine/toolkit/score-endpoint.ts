/** Scores the network of an endpoint on the test set and stores its weights. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs } from '../../experiment/records/records.js';
import type { TestCut } from '../../experiment/specs/data.js';
import { rows } from '../../experiment/records/rows.js';
import type { Pause } from '../../numerics/evaluation/batched.js';
import { createEvaluator } from '../../numerics/evaluation/evaluate.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import { toTensors, toValues, type ParameterValues } from '../../numerics/models/parameters.js';
import type { EngineContext } from './context.js';
import { evaluationBatch, withResident, type Dataset } from './data.js';
import { selectEvaluation } from './selection.js';
import { saveWeights } from './weights.js';

/** The images; compact weights are stored without their zeros. */
export type ScoredOn = Pick<Dataset, 'test' | 'classes'> & { readonly isCompact?: boolean };

/** `weights`: parameters, then statistics; they stay the caller's. */
export async function scoreAndSave(
  context: EngineContext,
  model: Model,
  weights: tf.Tensor[],
  { test, classes, isCompact }: ScoredOn,
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
  return { weights: await saveWeights(context, model, sets, specs, isCompact) };
}

/** The same for weights that nothing trains, on the images of the evaluation half where there is a cut. */
export async function scoreValues(
  context: EngineContext,
  model: Model,
  values: ParameterValues,
  data: Dataset,
  cut: TestCut | undefined,
): Promise<Outputs> {
  const weights = toTensors(weightSpecs(model), values);
  try {
    const test = selectEvaluation(data, cut)?.images ?? data.test;
    return await scoreAndSave(context, model, weights, { test, classes: data.classes });
  } finally {
    tf.dispose(weights);
  }
}
