/** Every kind of run, in the order in which the plan lists those of one path. */
import type { SeriesTable } from '../catalogue/series/entry.js';
import { attack } from './attack.js';
import { convergence } from './convergence.js';
import { certificate } from './certificate.js';
import { curve } from './curve.js';
import { curvePoint } from './derived/curve-point.js';
import { detection } from './detection.js';
import { endpoint } from './endpoint.js';
import { ensemble } from './ensemble.js';
import { evaluation } from './evaluation.js';
import { imported } from './derived/import.js';
import { injection } from './derived/injection.js';
import type { Computer, Kind, Sections } from './kind.js';
import { noise } from './derived/noise.js';
import { probe } from './probe.js';
import { spectrum } from './spectrum/spectrum.js';
import { strongest } from './strongest.js';
import { summary } from './summary.js';
import { transfer } from './transfer.js';
import { twoLayer } from './two-layer.js';

export const kinds = {
  endpoint,
  curve,
  injection,
  noise,
  'curve-point': curvePoint,
  import: imported,
  evaluation,
  attack,
  spectrum,
  transfer,
  ensemble,
  convergence,
  detection,
  certificate,
  strongest,
  summary,
  'two-layer': twoLayer,
  probe,
};
type Kinds = typeof kinds;

export type RunKind = keyof Kinds;
type SpecIn<K> = K extends Kind<infer Spec, Sections, Computer, SeriesTable> ? Spec : never;
/** Specification of a run of any kind. Plain JSON throughout. */
export type RunSpec = SpecIn<Kinds[RunKind]>;
export type SpecOf<K extends RunKind> = Extract<RunSpec, { readonly kind: K }>;

type ComputedBy<By> = {
  [K in RunKind]: Kinds[K]['computedBy'] extends By ? K : never;
}[RunKind];
export type EngineKind = ComputedBy<'engine'>;
export type WorkerKind = ComputedBy<'worker'>;

type Intersection<T> = (T extends unknown ? (each: T) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** Fields of the experiment file that one kind alone has. */
export const kindSections = Object.assign(
  {},
  ...Object.values(kinds).map(({ sections }) => sections),
) as Intersection<Kinds[RunKind]['sections']>;

/** The semantic version of each kind that some code computes; code of another version may know other kinds. */
export type Versions = Readonly<Partial<Record<RunKind, number>>>;

export const semanticVersions = Object.fromEntries(
  Object.entries(kinds).map(([kind, { version }]) => [kind, version]),
) as Readonly<Record<RunKind, number>>;
