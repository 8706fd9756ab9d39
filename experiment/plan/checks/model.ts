/** Refuses a model that cannot take the data set's images, or cannot do what the recipes ask of it. */
import type { ExperimentConfig } from '../../config/experiment.js';
import { datasets } from '../../catalogue/datasets.js';
import { UserError } from '../../errors.js';
import { misfit, models, modelsFor } from '../../catalogue/models.js';
import { nearestOf } from '../../reading/nearest.js';
import { hasConvolution, tensorNames } from '../../catalogue/tensor-names.js';

export function checkModel(config: ExperimentConfig): void {
  checkTensors(config);
  const { dataset, model, batchNorm, endpoints, curves, engine, precision } = config;
  const { shape } = datasets[dataset];
  const reason = misfit(model, shape);
  if (reason !== null) {
    throw new UserError('bad-input', `model: ${reason} as ${dataset} has them`, {
      hint: `for ${dataset} there are ${modelsFor(shape).join(', ')}`,
    });
  }
  if (batchNorm !== undefined && !models[model].batchNorm) {
    throw new UserError('bad-input', `batchNorm: ${model} has no batch norm`);
  }
  if (engine === 'eager' && precision === 'bfloat16') {
    throw new UserError('bad-input', 'precision: eager kernels know no bfloat16');
  }
  for (const [kind, recipes] of Object.entries({ endpoints, curves })) {
    for (const [name, { dropout }] of Object.entries(recipes)) {
      if (dropout === undefined || models[model].dropout) continue;
      throw new UserError('bad-input', `${kind}.${name}.dropout: ${model} has no dropout`);
    }
  }
}

/** Those that injections are to change. */
function checkTensors({ model, injections = {} }: ExperimentConfig): void {
  const known = tensorNames[model];
  for (const [name, { tensor }] of Object.entries(injections)) {
    const where = `injections.${name}.tensor`;
    if (tensor === 'last-conv' && !hasConvolution(model)) {
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
