/** Refuses a model that cannot take the data set's images, or cannot do what the recipes ask of it. */
import type { BaseConfig } from '../../config/base.js';
import { describeDataset } from '../../catalogue/own-dataset.js';
import { UserError } from '../../errors.js';
import { hasLayer, misfit, modelsFor } from '../../catalogue/models/index.js';

export function checkModel(config: BaseConfig): void {
  const { model, batchNorm, endpoints, curves, engine, precision } = config;
  const { name: dataset, shape } = describeDataset(config.dataset);
  const reason = misfit(model, shape);
  if (reason !== null) {
    throw new UserError('bad-input', `model: ${reason} as ${dataset} has them`, {
      hint: `for ${dataset} there are ${modelsFor(shape).join(', ')}`,
    });
  }
  if (batchNorm !== undefined && !hasLayer(model, 'batch-norm')) {
    throw new UserError('bad-input', `batchNorm: ${model} has no batch norm`);
  }
  if (engine === 'eager' && precision === 'bfloat16') {
    throw new UserError('bad-input', 'precision: eager kernels know no bfloat16');
  }
  for (const [kind, recipes] of Object.entries({ endpoints, curves })) {
    for (const [name, { dropout }] of Object.entries(recipes)) {
      if (dropout === undefined || hasLayer(model, 'dropout')) continue;
      throw new UserError('bad-input', `${kind}.${name}.dropout: ${model} has no dropout`);
    }
  }
}
