/** Trains one endpoint from its seed and stores its weights. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs } from '../../experiment/records.js';
import type { EndpointSpec } from '../../experiment/runs.js';
import { createEvaluator } from '../../numerics/evaluation.js';
import { heNormal, modelNamed } from '../../numerics/models/model.js';
import { toTensors, toValues } from '../../numerics/parameters.js';
import { stream } from '../../numerics/random.js';
import { trainFrom } from '../../numerics/training/endpoint.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch, type Dataset } from './data.js';
import { reportSteps } from './report-steps.js';
import { saveWeights } from './weights.js';

export async function trainEndpoint(spec: EndpointSpec, context: EngineContext): Promise<Outputs> {
  const model = modelNamed(spec.model);
  const data = await dataset(context, spec.dataset);
  const start = toTensors(model.parameters, heNormal(model, stream(spec.seed, 'init', 0)));
  const parameters = await trainFrom(context.host, start, {
    model,
    recipe: spec.recipe,
    adversarial: spec.adversarial,
    data: { images: data.train, classes: data.classes },
    seed: spec.seed,
    onStep: reportSteps(context, 'batch_loss', 'training'),
  });
  try {
    await scoreEndpoint(spec, context, parameters, data);
    const values = toValues(model.parameters, parameters);
    return { weights: await saveWeights(context, model, new Map([['', values]])) };
  } finally {
    tf.dispose(parameters);
  }
}

async function scoreEndpoint(
  spec: EndpointSpec,
  context: EngineContext,
  parameters: tf.Tensor[],
  { test, classes }: Dataset,
): Promise<void> {
  const model = modelNamed(spec.model);
  const evaluator = createEvaluator(context.host, model, test.shape, classes, evaluationBatch);
  try {
    const { nll, error } = await evaluator.evaluate(parameters, test, () => context.pause());
    context.metrics([
      { series: 'final_test_nll', x: 0, value: nll },
      { series: 'final_test_error', x: 0, value: error },
    ]);
  } finally {
    evaluator.dispose();
  }
}
