/** Refuses quantised training that cannot be, or that would not be what it says. */
import { kernelSites } from '../../catalogue/models/kernel-sites.js';
import { hasLayer, modelLayers, modelTitle } from '../../catalogue/models/index.js';
import { isModule } from '../../catalogue/models/own-model.js';
import type { BaseConfig } from '../../config/base.js';
import type { EndpointConfig } from '../../config/endpoint.js';
import { UserError } from '../../errors.js';
import { nearestHint } from '../../reading/nearest.js';
import { floatGroups, quantisedLayers } from '../parts/quantisation.js';

export function checkQuantisation({ model, endpoints }: BaseConfig): void {
  for (const [name, endpoint] of Object.entries(endpoints)) {
    if (endpoint.quantisation === undefined) continue;
    const where = `endpoints.${name}.quantisation`;
    const reason = unquantisable(model) ?? conflict(model, endpoint);
    if (reason !== null) throw new UserError('bad-input', `${where}: ${reason}`);
    checkLayers(model, where, endpoint.quantisation);
  }
}

type Model = BaseConfig['model'];

function unquantisable(model: Model): string | null {
  const title = modelTitle(model);
  if (isModule(model)) {
    return `${title} is a function of tensors, whose kernels are not known: give the network as layers`;
  }
  if (!hasLayer(model, 'implicit')) return null;
  return `${title} has an implicit layer, whose coupling matrix need not be well-posed once it is quantised; leave it out`;
}

function conflict(
  model: Model,
  { prune, sparsity, certified, epochs }: EndpointConfig,
): string | null {
  if (prune) {
    return 'pruned weights stay zero, which a binary grid does not have and others draw their scale from; leave prune out, or this';
  }
  if (sparsity) {
    return 'masked weights stay zero, which a binary grid does not have and others draw their scale from; leave sparsity out, or this';
  }
  if (certified) {
    return 'interval bounds are trained with float weights alone; leave certified out, or this';
  }
  if (epochs === 0 && hasLayer(model, 'batch-norm')) {
    return 'without a step, batch-norm statistics stay those of the float weights; give at least 1 epoch';
  }
  return null;
}

function checkLayers(
  model: Model,
  where: string,
  asked: NonNullable<EndpointConfig['quantisation']>,
): void {
  if (isModule(model)) return;
  const layers = modelLayers(model);
  const known = [...floatGroups, ...kernelSites(layers).map(({ name }) => name)];
  const unknown = asked.float.findIndex((name) => !known.includes(name));
  if (unknown >= 0) {
    const name = asked.float[unknown]!;
    throw new UserError(
      'bad-input',
      `${where}.float[${unknown}]: ${modelTitle(model)} has no layer "${name}" with a kernel${nearestHint(name, known)}`,
      { hint: known.join(', ') },
    );
  }
  if (quantisedLayers(asked, layers).length > 0) return;
  const none =
    asked.layers === 'convolutions' && !hasLayer(model, 'convolution')
      ? `layers: ${modelTitle(model)} has no convolution; set layers: all`
      : 'float: no layer is left to quantise; leave some of them out';
  throw new UserError('bad-input', `${where}.${none}`);
}
