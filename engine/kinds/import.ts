/** A network that was trained elsewhere as an endpoint: its weights are checked and scored. */
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { ImportSpec } from '../../experiment/kinds/derived/import.js';
import { weightSpecs } from '../../numerics/models/model.js';
import { networkFor } from '../networks/network-for.js';
import type { EngineContext } from '../toolkit/context.js';
import { dataset } from '../toolkit/data.js';
import { scoreValues } from '../toolkit/score-endpoint.js';
import { loadWeights } from '../toolkit/weights.js';

export async function importNetwork(
  spec: ImportSpec,
  _inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const model = await networkFor(context, spec.model, data.test.shape, data.classes);
  const values = await loadWeights(context, model, spec.weights, '', weightSpecs(model));
  return scoreValues(context, model, values, data, spec.cut);
}
