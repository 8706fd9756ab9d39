/** Refuses certified training, of endpoints and along curves, of networks without interval bounds. */
import { uncertifiable } from '../../catalogue/models/certifiable.js';
import { hasLayer, modelLayers, modelTitle } from '../../catalogue/models/index.js';
import { isModule } from '../../catalogue/models/own-model.js';
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';

export function checkCertified({ model, endpoints, curves }: BaseConfig): void {
  const reason = untrainable(model);
  if (reason === null) return;
  for (const [section, entries] of Object.entries({ endpoints, curves })) {
    for (const [name, { certified }] of Object.entries(entries)) {
      if (certified === undefined) continue;
      const where = `${section}.${name}.certified`;
      const what = `${where}: ${modelTitle(model)} cannot be trained so: ${reason}`;
      throw new UserError('bad-input', what);
    }
  }
}

function untrainable(model: BaseConfig['model']): string | null {
  if (isModule(model)) return 'a module has no interval rules; give the network as layers';
  if (hasLayer(model, 'batch-norm')) return 'batch norm has no bounds while its statistics move';
  return uncertifiable(modelLayers(model), 'relative');
}
