/** Refuses a model that cannot take the data set's images, or cannot do what the recipes ask of it. */
import type { ExperimentConfig } from '../../config/experiment.js';
import { datasets } from '../../catalogue/datasets.js';
import { UserError } from '../../errors.js';
import { hasLayer, misfit, modelsFor, modelWeights } from '../../catalogue/models/index.js';
import { nearestOf } from '../../reading/nearest.js';

export function checkModel(config: ExperimentConfig): void {
  const { dataset, model, batchNorm, endpoints, curves, engine, precision } = config;
  const { shape } = datasets[dataset];
  const reason = misfit(model, shape);
  if (reason !== null) {
    throw new UserError('bad-input', `model: ${reason} as ${dataset} has them`, {
      hint: `for ${dataset} there are ${modelsFor(shape).join(', ')}`,
    });
  }
  checkTensors(config);
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

/** Refuses injections into tensors that the model does not have. */
function checkTensors({ dataset, model, injections = {} }: ExperimentConfig): void {
  const { shape, classes } = datasets[dataset];
  const known = modelWeights(model, shape, classes).parameters.map(({ name }) => name);
  for (const [name, { tensor }] of Object.entries(injections)) {
    const where = `injections.${name}.tensor`;
    if (tensor === 'last-conv' && !hasLayer(model, 'convolution')) {
      throw new UserError('bad-input', `${where}: ${model} has no convolution`);
    }
    if (tensor === 'last' || tensor === 'last-conv' || known.includes(tensor)) continue;
    throw new UserError(
      'bad-input',
      `${where}: ${model} has no tensor "${tensor}"${nearestOf(tensor, known)}`,
      { hint: `last, last-conv, or one of ${known.join(', ')}` },
    );
  }
}
