/** Which injections are looked for where: every network that was made of an injected one is measured against it. */
import type { BaseConfig } from '../../config/base.js';
import type { DraftNeed } from '../draft.js';
import { endpointNeed } from './network-needs.js';
import { findOrigins } from './references.js';

/** Names of injected endpoints among those that this one was made of, itself included. */
export function injectedIn(config: BaseConfig, endpoint: string): readonly string[] {
  return findOrigins(config, { section: 'endpoints', name: endpoint }).flatMap(
    ({ section, name }) =>
      section === 'endpoints' && config.endpoints[name]!.inject !== undefined ? [name] : [],
  );
}

/** The same for an endpoint alone; one that was made of none is measured against all that there are. */
export function injectedForAlone(config: BaseConfig, endpoint: string): readonly string[] {
  const own = injectedIn(config, endpoint);
  return own.length > 0 ? own : injectedEndpoints(config.endpoints);
}

const injected = new WeakMap<BaseConfig['endpoints'], readonly string[]>();

/** Found once for all endpoints of a configuration: a wide sweep has many thousands. */
function injectedEndpoints(endpoints: BaseConfig['endpoints']): readonly string[] {
  const known = injected.get(endpoints);
  if (known !== undefined) return known;
  const names = Object.keys(endpoints).filter((name) => endpoints[name]!.inject !== undefined);
  injected.set(endpoints, names);
  return names;
}

/** Each name once, in an order of their own. */
export function injectionNeeds(names: readonly string[]): readonly DraftNeed[] {
  return [...new Set(names)].sort().map((name) => endpointNeed(`injection:${name}`, name));
}
