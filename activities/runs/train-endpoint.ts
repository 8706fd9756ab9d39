/** Trains one endpoint from its seed, scores it on the test set and stores its weights. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs } from '../../experiment/records.js';
import type { EndpointSpec } from '../../experiment/runs.js';
import { createEvaluator } from '../../numerics/evaluation.js';
import { modelFor, weightSpecs, type Model } from '../../numerics/models/model.js';
import { toTensors, toValues } from '../../numerics/parameters.js';
import { stream } from '../../numerics/random.js';
import { trainFrom } from '../../numerics/training/endpoint.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch, withResident, type Dataset } from './data.js';
import { reportSteps } from './report-steps.js';
import { saveWeights } from './weights.js';

export async function trainEndpoint(spec: EndpointSpec, context: EngineContext): Promise<Outputs> {
  const { train, test, classes } = await dataset(context, spec.dataset);
  const model = modelFor(spec.model, train.shape, classes);
  const start = toTensors(model.parameters, model.initial(stream(spec.seed, 'init', 0)));
  const weights = await withResident(train, classes, (data) =>
    trainFrom(context.host, start, {
      model,
      recipe: spec.recipe,
      adversarial: spec.adversarial,
      data,
      seed: spec.seed,
      onStep: reportSteps(context, 'batch_loss', 'training'),
    }),
  );
  try {
    await scoreEndpoint(model, context, weights, { test, classes });
    const specs = weightSpecs(model);
    const sets = new Map([['', toValues(specs, weights)]]);
    return { weights: await saveWeights(context, model, sets, specs) };
  } finally {
    tf.dispose(weights);
  }
}

function scoreEndpoint(
  model: Model,
  context: EngineContext,
  weights: tf.Tensor[],
  { test, classes }: Pick<Dataset, 'test' | 'classes'>,
): Promise<void> {
  return withResident(test, classes, async (data) => {
    const evaluator = createEvaluator(context.host, model, data, evaluationBatch);
    try {
      const { nll, error } = await evaluator.evaluate(weights, () => context.pause());
      context.metrics([
        { series: 'final_test_nll', x: 0, value: nll },
        { series: 'final_test_error', x: 0, value: error },
      ]);
    } finally {
      evaluator.dispose();
    }
  });
}
