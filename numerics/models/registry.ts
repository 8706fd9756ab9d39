/** The models by name. */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import { misfit, modelLayers, type ModelName } from '../../experiment/catalogue/models/index.js';
import type { Model } from './model.js';
import { network } from './network.js';

/** The model for images of this shape and this many classes; throws where they do not fit it. */
export function modelFor(name: ModelName, shape: ImageShape, classes: number): Model {
  const reason = misfit(name, shape);
  if (reason !== null) throw new Error(reason);
  return network({ name, layers: modelLayers(name), shape, classes });
}
