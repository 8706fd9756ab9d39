/** How an endpoint came to its weights, in a few words for tables. */
import type { AdversarialConfig } from '../../experiment/config/training/adversarial.js';
import type { SparsityConfig } from '../../experiment/config/training/sparsity.js';
import { endpointKind, type EndpointConfig } from '../../experiment/config/endpoint.js';
import type { QuantisationConfig } from '../../experiment/config/training/quantisation.js';

export function describeEndpoint(endpoint: EndpointConfig): string {
  const { from, inject, noise, onCurve, import: imported } = endpoint;
  const kind = endpointKind(endpoint);
  switch (kind) {
    case 'injected':
      return `${inject!} injected into ${from!}`;
    case 'noisy':
      return `${from!} with noise, ${noise!.scale} distances to ${noise!.other}`;
    case 'on-curve':
      return `${onCurve!.curve} at t = ${onCurve!.t}`;
    case 'imported':
      return `imported from ${imported!.name}`;
    case 'trained':
      return trained(endpoint);
    default:
      throw new Error(`unknown kind of endpoint ${String(kind satisfies never)}`);
  }
}

function trained(endpoint: EndpointConfig): string {
  const { adversarial, certified, backdoor, bonafide, from, spawn, prune } = endpoint;
  const { quantisation, sparsity } = endpoint;
  const bounds = certified ? `certified ε ${certified.epsilon}` : 'regular';
  const parts = [
    adversarial ? attacker(adversarial) : bounds,
    ...(backdoor === undefined ? [] : [`backdoor ${backdoor}`]),
    ...(bonafide === undefined ? [] : [`${bonafide} bonafide images`]),
    ...(spawn ? [`seed ${spawn.seed} until step ${spawn.step}`] : []),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(prune ? [`${100 * prune.fraction} % of ${prune.granularity ?? 'filter'}s pruned`] : []),
    ...(quantisation ? [quantised(quantisation)] : []),
    ...(sparsity ? [sparse(sparsity)] : []),
  ];
  return parts.join(', ');
}

function quantised({ scheme, variant, bits = 4, per, method }: QuantisationConfig): string {
  const grid = scheme === 'uniform' ? `${bits}-bit` : [variant, scheme].filter(Boolean).join(' ');
  const channels = per === 'channel' ? ' per channel' : '';
  return `${grid} weights${channels}${method === 'straight-through' ? ', straight-through' : ''}`;
}

function sparse({ density, method, admm }: SparsityConfig): string {
  const how = method === 'fixed' ? 'fixed mask' : `rewired${admm ? ', ADMM' : ''}`;
  return `density ${density}, ${how}`;
}

function attacker({ method = 'pgd', epsilon, steps }: AdversarialConfig): string {
  switch (method) {
    case 'pgd':
      return `PGD ε ${epsilon}, ${steps} steps`;
    case 'trades':
      return `TRADES ε ${epsilon}, ${steps} steps`;
    case 'trade-off':
      return `trade-off, PGD ε ${epsilon}, ${steps} steps`;
    case 'fast':
      return `fast FGSM ε ${epsilon}`;
    default:
      throw new Error(`unknown method ${String(method satisfies never)}`);
  }
}
