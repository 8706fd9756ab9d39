/** Features of a network: the inputs of its last dense layer. */
import type { ImageShape } from '../datasets.js';
import { modelLayers, modelWeights, type ModelSpec } from './index.js';
import { isModule } from './own-model.js';

/** Number of its inputs; null where the network does not end in a dense layer, or is a module, whose layers are not known. */
export function featureCount(model: ModelSpec, shape: ImageShape, classes: number): number | null {
  if (isModule(model)) return null;
  const last = modelLayers(model).at(-1);
  if (last?.kind !== 'dense') return null;
  const { parameters } = modelWeights(model, shape, classes);
  return parameters.find(({ name }) => name === `${last.name}.weight`)!.shape[0]!;
}
