/** Refuses fractions of filters that come to none. */
import { hasConvolution, widestConvolution } from '../../catalogue/tensor-names.js';
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';

export function checkPruning({ model, endpoints }: BaseConfig): void {
  for (const [name, { prune }] of Object.entries(endpoints)) {
    if (prune === undefined) continue;
    const where = `endpoints.${name}.prune.fraction`;
    const refuse = (why: string) => new UserError('bad-input', `${where}: ${why}`);
    if (!hasConvolution(model)) throw refuse(`${model} has no convolution whose filters could go`);
    const widest = widestConvolution[model];
    const filters = prune.fraction * widest;
    if (Math.floor(filters) > 0) continue;
    throw refuse(
      `${prune.fraction} of ${widest} filters, the most that a convolution of ${model} has, is ${Number(filters.toPrecision(2))}: none would be pruned; at least 1/${widest}`,
    );
  }
}
