/** Refuses mixtures of coupling matrices that a curve's network has not, or that are not its function any more. */
import { unmixable } from '../../catalogue/models/implicit-sites.js';
import { hasLayer, modelLayers, modelTitle } from '../../catalogue/models/index.js';
import { isModule } from '../../catalogue/models/own-model.js';
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';

export function checkImplicit({ model, curves }: BaseConfig): void {
  for (const [name, { implicit }] of Object.entries(curves)) {
    if (implicit === undefined) continue;
    const where = `curves.${name}.implicit`;
    if (isModule(model) || !hasLayer(model, 'implicit')) {
      const what = `${where}: ${modelTitle(model)} has no implicit layer; leave it out`;
      throw new UserError('bad-input', what);
    }
    const reason = implicit === 'coupling' ? unmixable(modelLayers(model)) : null;
    if (reason === null) continue;
    throw new UserError('bad-input', `${where}: ${reason}; use implicit: parameters`);
  }
}
