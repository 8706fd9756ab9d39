/** A network that was trained elsewhere as an endpoint: its weights are checked and scored. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { ImportSpec } from '../../experiment/kinds/import.js';
import { weightSpecs } from '../../numerics/models/model.js';
import { networkFor } from '../networks/network-for.js';
import { toTensors } from '../../numerics/models/parameters.js';
import type { EngineContext } from '../toolkit/context.js';
import { dataset } from '../toolkit/data.js';
import { scoreAndSave } from '../toolkit/score-endpoint.js';
import { selectEvaluation } from '../toolkit/selection.js';
import { loadWeights } from '../toolkit/weights.js';

export async function importNetwork(
  spec: ImportSpec,
  _inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const model = await networkFor(context, spec.model, data.test.shape, data.classes);
  const specs = weightSpecs(model);
  const weights = toTensors(specs, await loadWeights(context, model, spec.weights, '', specs));
  try {
    const test = selectEvaluation(data, spec.cut)?.images ?? data.test;
    return await scoreAndSave(context, model, weights, { test, classes: data.classes });
  } finally {
    tf.dispose(weights);
  }
}
