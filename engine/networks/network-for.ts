/** The network that a run's specification names, a user's module fetched by its digest. */
import { canonical } from '../../experiment/canonical.js';
import type { ModelSpec } from '../../experiment/catalogue/models/index.js';
import { isModule } from '../../experiment/catalogue/models/own-model.js';
import { UserError } from '../../experiment/errors.js';
import { functionNetwork } from '../../numerics/models/function-network.js';
import type { Model } from '../../numerics/models/model.js';
import { modelFor } from '../../numerics/models/registry.js';
import type { EngineContext } from '../toolkit/context.js';
import { loadModule, type NetworkInput } from './load-module.js';

/** For images of this shape and this many classes; throws where they do not fit it. */
export async function networkFor(
  { blobs }: Pick<EngineContext, 'blobs'>,
  spec: ModelSpec,
  shape: NetworkInput['shape'],
  classes: number,
): Promise<Model> {
  if (!isModule(spec)) return modelFor(spec, shape, classes);
  const { name, module, parameters } = spec;
  const text = new TextDecoder().decode(await blobs.get(module));
  const loaded = await loadModule(text, { shape, classes });
  const same = loaded.kind === 'function' && canonical(loaded.parameters) === canonical(parameters);
  if (!same) {
    throw new UserError('bad-input', `${name}: the module has other parameters than in the plan`);
  }
  return functionNetwork({ name, parameters, classes, forward: loaded.forward });
}
