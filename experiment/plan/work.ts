/** Estimated work of runs, in units that only runs of the same group share; for estimates of time, never for results. */
import { canonical } from '../canonical.js';
import { significantModel, type ModelSpec } from '../catalogue/models/index.js';
import { datasetIdentity } from '../catalogue/own-dataset.js';
import type { SeriesTable } from '../catalogue/series/entry.js';
import { kinds, type RunKind, type RunSpec, type SpecOf } from '../kinds/index.js';
import type { Effort, Kind, Sections, Computer } from '../kinds/kind.js';

export interface Work {
  /** Runs of one group take time in proportion to their amount. */
  readonly group: string;
  readonly amount: number;
}

const byKind: { readonly [K in RunKind]: Kind<SpecOf<K>, Sections, Computer, SeriesTable> } = kinds;

export function runWork(spec: RunSpec): Work {
  const { variant, amount } = effort(spec.kind, spec);
  if (!('dataset' in spec)) return { group: spec.kind, amount };
  const { kind, model, dataset, precision = 'float32', engine = 'captured' } = spec;
  const how = [precision, engine];
  return {
    group: [kind, modelIdentity(model), datasetIdentity(dataset), ...how, ...variant].join(' '),
    amount,
  };
}

function modelIdentity(model: ModelSpec): string {
  return typeof model === 'string' ? model : canonical(significantModel(model));
}

function effort<K extends RunKind>(kind: K, spec: SpecOf<K>): Effort {
  return byKind[kind].work(spec);
}
