/** Which curve a straight line is named after. */
import type { BaseConfig } from '../config/base.js';
import { implicitFields } from '../kinds/parts/implicit.js';
import { statisticsFields } from '../kinds/parts/statistics.js';

/** Curves between the same ends share one straight line: it is named after the first of them. */
export function lineOwner(config: BaseConfig, name: string): string {
  const { curves } = config;
  let owners = lineOwners.get(curves);
  if (owners === undefined) lineOwners.set(curves, (owners = findLineOwners(config)));
  return owners.get(name)!;
}

type Curves = BaseConfig['curves'];

/** Found once for all curves of a configuration: a wide sweep has many thousands. */
const lineOwners = new WeakMap<Curves, ReadonlyMap<string, string>>();

function findLineOwners(config: BaseConfig): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const owners = Object.entries(config.curves)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, curve]) => {
      const { from, to, weightDecay } = curve;
      // Batch norm on the bonafide images of a curve: another line for each number of them.
      const fields = { ...statisticsFields(config, curve), ...implicitFields(curve) };
      const line = JSON.stringify([from, to, weightDecay, fields]);
      if (!first.has(line)) first.set(line, name);
      return [name, first.get(line)!] as const;
    });
  return new Map(owners);
}
