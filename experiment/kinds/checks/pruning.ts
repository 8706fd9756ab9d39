/** Refuses fractions of filters that come to none. */
import { modelTitle, widestConvolution } from '../../catalogue/models/index.js';
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';

export function checkPruning({ model, endpoints }: BaseConfig): void {
  for (const [name, { prune }] of Object.entries(endpoints)) {
    if (prune === undefined || (prune.granularity ?? 'filter') !== 'filter') continue;
    const where = `endpoints.${name}.prune.fraction`;
    const refuse = (why: string) => new UserError('bad-input', `${where}: ${why}`);
    const widest = widestConvolution(model);
    if (widest === 0)
      throw refuse(`${modelTitle(model)} has no convolution whose filters could go`);
    const filters = prune.fraction * widest;
    if (Math.floor(filters) > 0) continue;
    throw refuse(
      `${prune.fraction} of ${widest} filters, the most that a convolution of ${modelTitle(model)} has, is ${Number(filters.toPrecision(2))}: none would be pruned; at least 1/${widest}`,
    );
  }
}
