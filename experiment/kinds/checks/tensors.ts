/** Refuses injections into tensors that the model lacks. */
import { describeDataset } from '../../catalogue/own-dataset.js';
import { hasLayer, modelTitle, modelWeights } from '../../catalogue/models/index.js';
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';
import { nearestHint } from '../../reading/nearest.js';

export function checkTensors({ dataset, model, injections = {} }: BaseConfig): void {
  const { shape, classes } = describeDataset(dataset);
  const known = modelWeights(model, shape, classes).parameters.map(({ name }) => name);
  for (const [name, { tensor }] of Object.entries(injections)) {
    const where = `injections.${name}.tensor`;
    if (tensor === 'last-conv' && !hasLayer(model, 'convolution')) {
      throw new UserError('bad-input', `${where}: ${modelTitle(model)} has no convolution`);
    }
    if (tensor === 'last' || tensor === 'last-conv' || known.includes(tensor)) continue;
    throw new UserError(
      'bad-input',
      `${where}: ${modelTitle(model)} has no tensor "${tensor}"${nearestHint(tensor, known)}`,
      { hint: `last, last-conv, or one of ${known.join(', ')}` },
    );
  }
}
