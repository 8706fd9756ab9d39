/** An endpoint with normal noise on every weight; nothing is trained. */
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { NoiseSpec } from '../../experiment/kinds/derived/noise.js';
import { weightSpecs } from '../../numerics/models/model.js';
import { networkFor } from '../networks/network-for.js';
import { withNoise } from '../../numerics/defences/weight-noise.js';
import type { EngineContext } from '../toolkit/context.js';
import { dataset } from '../toolkit/data.js';
import { scoreValues } from '../toolkit/score-endpoint.js';
import { inputArtifact, loadWeights } from '../toolkit/weights.js';

/** Statistics of batch norm stay those of the endpoint. */
export async function addNoise(
  spec: NoiseSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const model = await networkFor(context, spec.model, data.test.shape, data.classes);
  const specs = weightSpecs(model);
  const load = (role: 'from' | 'other') =>
    loadWeights(context, model, inputArtifact(inputs, role, 'weights'), '', specs);
  const [from, other] = [await load('from'), await load('other')];
  const noisy = withNoise(model.parameters, from, other, spec.scale, spec.seed);
  return scoreValues(context, model, new Map([...from, ...noisy]), data, spec.cut);
}
