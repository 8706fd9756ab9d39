/** Refuses a model that cannot take the data set's images, or cannot do what the recipes ask of it. */
import type { BaseConfig } from '../../config/base.js';
import type { DatasetFacts } from '../../catalogue/datasets.js';
import { describeDataset } from '../../catalogue/own-dataset.js';
import { UserError } from '../../errors.js';
import {
  hasLayer,
  misfit,
  modelsFor,
  modelSize,
  modelTitle,
  modelWeights,
} from '../../catalogue/models/index.js';
import { LayerMisfit, layerShapes, shapeText } from '../../catalogue/models/layer-shapes.js';
import { isModule, type OwnModel } from '../../catalogue/models/own-model.js';

export function checkModel(config: BaseConfig): void {
  const { model, batchNorm, endpoints, curves, engine, precision } = config;
  const dataset = describeDataset(config.dataset);
  if (typeof model === 'string') {
    const reason = misfit(model, dataset.shape);
    if (reason !== null) {
      throw new UserError('bad-input', `model: ${reason} as ${dataset.name} has them`, {
        hint: `for ${dataset.name} there are ${modelsFor(dataset.shape).join(', ')}`,
      });
    }
  } else {
    const reason = ownMisfit(model, dataset);
    if (reason !== null) throw new UserError('bad-input', `model${reason}`);
  }
  const title = modelTitle(model);
  if (batchNorm !== undefined && !hasLayer(model, 'batch-norm')) {
    throw new UserError('bad-input', `batchNorm: ${title} has no batch norm`);
  }
  if (engine === 'eager' && precision === 'bfloat16') {
    throw new UserError('bad-input', 'precision: eager kernels know no bfloat16');
  }
  for (const [kind, recipes] of Object.entries({ endpoints, curves })) {
    for (const [name, { dropout }] of Object.entries(recipes)) {
      if (dropout === undefined || hasLayer(model, 'dropout')) continue;
      throw new UserError('bad-input', `${kind}.${name}.dropout: ${title} has no dropout`);
    }
  }
}

/** Most bytes of one network as float32: the size up to which a safetensors file is read. */
const mostBytes = 2 ** 31;

/** Why a user's network does not fit the data set, as it goes on after the word model; null: it fits. */
function ownMisfit(model: OwnModel, { name, shape, classes }: DatasetFacts): string | null {
  const images = `${shapeText(shape)} images of ${classes} classes`;
  if (isModule(model)) {
    const { input } = model;
    const fits = input.classes === classes && shapeText(input.shape) === shapeText(shape);
    const examined = `${shapeText(input.shape)} images of ${input.classes} classes`;
    return fits
      ? null
      : `: ${model.name} was examined for ${examined}, and ${name} has ${images}; give each data set an experiment of its own`;
  }
  try {
    const end = layerShapes(model.architecture, shape, classes).findLast((one) => one.depth === 0)!;
    if (end.shape.length !== 1 || end.shape[0] !== classes) {
      return `.${end.at} (${end.layer}) ends in ${shapeText(end.shape)}, where the ${classes} classes of ${name} belong: end with flatten and dense: classes`;
    }
    modelWeights(model, shape, classes);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error instanceof LayerMisfit ? `.${error.message}` : `: ${error.message}`;
  }
  const { bytes } = modelSize(model, shape, classes);
  return bytes <= mostBytes ? null : `: ${bytes} bytes of weights; at most ${mostBytes}`;
}
