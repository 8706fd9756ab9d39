/** Which injections are looked for where: every network that was made of an injected one is measured against it. */
import type { ExperimentConfig } from '../../config/experiment.js';
import type { Need, PlannedRun } from '../../records/runs.js';
import { originsOf } from '../references.js';

type Endpoints = Readonly<Record<string, PlannedRun>>;

/** Names of injected endpoints among those that this one was made of, itself included. */
export function injectedIn(config: ExperimentConfig, endpoint: string): readonly string[] {
  return originsOf(config, { section: 'endpoints', name: endpoint }).flatMap(({ section, name }) =>
    section === 'endpoints' && config.endpoints[name]!.inject !== undefined ? [name] : [],
  );
}

/** The same for an endpoint alone; one that was made of none is measured against all that there are. */
export function injectedForAlone(config: ExperimentConfig, endpoint: string): readonly string[] {
  const own = injectedIn(config, endpoint);
  return own.length > 0 ? own : injectedOf(config.endpoints);
}

const injected = new WeakMap<ExperimentConfig['endpoints'], readonly string[]>();

/** Found once for all endpoints of a configuration: a wide sweep has many thousands. */
function injectedOf(endpoints: ExperimentConfig['endpoints']): readonly string[] {
  const known = injected.get(endpoints);
  if (known !== undefined) return known;
  const names = Object.keys(endpoints).filter((name) => endpoints[name]!.inject !== undefined);
  injected.set(endpoints, names);
  return names;
}

/** Each name once, in an order of their own. */
export function injectionNeeds(names: readonly string[], endpoints: Endpoints): readonly Need[] {
  return [...new Set(names)].sort().map((name) => ({
    role: `injection:${name}`,
    run: endpoints[name]!.key,
  }));
}
