/** Refuses injections into tensors that the model lacks. */
import { hasConvolution, tensorNames } from '../../catalogue/tensor-names.js';
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';
import { nearestOf } from '../../reading/nearest.js';

export function checkTensors({ model, injections = {} }: BaseConfig): void {
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
