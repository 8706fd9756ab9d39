/** The models of the catalogue by name, and those of a user's layers. */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import {
  misfit,
  modelLayers,
  modelTitle,
  type ModelName,
} from '../../experiment/catalogue/models/index.js';
import type { LayersModel } from '../../experiment/catalogue/models/own-model.js';
import type { Model } from './model.js';
import { network } from './network.js';

/** The model for images of this shape and this many classes; throws where they do not fit it. */
export function modelFor(
  model: ModelName | LayersModel,
  shape: ImageShape,
  classes: number,
): Model {
  const reason = typeof model === 'string' ? misfit(model, shape) : null;
  if (reason !== null) throw new Error(reason);
  return network({ name: modelTitle(model), layers: modelLayers(model), shape, classes });
}
