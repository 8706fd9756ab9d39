/** A kind of run by declaration: its specification, its part of the experiment file, and how it is planned. */
import type { z } from 'zod';
import type { SeriesTable } from '../catalogue/series/entry.js';
import type { BaseConfig } from '../config/base.js';
import type { RunName } from '../specs/run-name.js';
import type { Draft, PathScope } from './draft.js';

/** Fields at the top of an experiment file, by name. */
export type Sections = z.core.$ZodShape;

/** The sections of a kind whose settings other kinds refer to as well: config/base.ts has them. */
export type NoSections = Readonly<Record<never, never>>;

/** The part of an experiment that a kind reads: the common fields, and its own sections. */
export type ConfigWith<S extends Sections> = keyof S extends never
  ? BaseConfig
  : BaseConfig & z.output<z.ZodObject<S>>;

/** When runs of a kind are planned; each receives a configuration whose references have been checked. */
export interface Plans<Spec, Config> {
  /** The network of an endpoint; null: another kind makes this endpoint. */
  endpoint(config: Config, name: string): Draft<Spec> | null;
  /** The fit of a curve. */
  curve(config: Config, name: string): Draft<Spec>;
  /** Along a fitted path. */
  fitted(config: Config, scope: PathScope): readonly Draft<Spec>[];
  /** Along the straight line between the ends. */
  line(config: Config, scope: PathScope): readonly Draft<Spec>[];
  /** An endpoint that `evaluation.endpoints` names. */
  alone(config: Config, name: string): Draft<Spec>;
  /** Runs of the experiment as a whole. */
  experiment(config: Config): readonly Draft<Spec>[];
}

type AtLeastOne<T> = {
  [K in keyof T]: Pick<T, K> & Partial<T>;
}[keyof T];

/** The field of an experiment file that a sweep varies: `attacks.pgd.steps`. */
export interface Axis {
  readonly section: string;
  /** Entry of the section, `*` for all of them; empty: the section has none. */
  readonly entry: string;
  readonly field: string;
}

/** Estimated work of a run, in units that only runs of the same variant share; never part of a result. */
export interface Effort {
  /** Besides kind, model, data set and numerics: what decides the time of one unit. */
  readonly variant: readonly string[];
  readonly amount: number;
}

/** Engines run TensorFlow in a process of their own (queue gpu); workers compute small runs themselves (queue cpu). */
export type Computer = 'engine' | 'worker';

/** A kind whose specifications have a `variable` has an activity type for each. */
type ActivityOf<Spec> = [Spec] extends [{ readonly variable: infer Variable extends string }]
  ? Readonly<Record<Variable, string>>
  : string;

export interface Kind<
  Spec extends { readonly kind: string },
  S extends Sections,
  By extends Computer,
  Series extends SeriesTable,
> {
  readonly name: Spec['kind'];
  /** Semantic version, part of the key: raise it by hand when results change; a comment must not. */
  readonly version: number;
  readonly computedBy: By;
  /** Temporal activity type, by which the Temporal UI, its filters and its metrics tell kinds apart. */
  readonly activity: ActivityOf<Spec>;
  /** `float32`: it reports what it computes, whatever `precision` the experiment asks for. */
  readonly precision: 'as-configured' | 'float32';
  /** Its fields of the experiment file. */
  readonly sections: S;
  /** Everything that its runs may record. */
  readonly series: Series;
  /** First parts of its runs' names. */
  readonly prefixes: readonly string[];
  readonly plan: AtLeastOne<Plans<Spec, ConfigWith<S>>>;
  /** Throws a `bad-input` UserError at the first mistake that a schema cannot see; null: there is none to make. */
  readonly check: ((config: ConfigWith<S>) => void) | null;
  /** Whether an axis of a section that measurements have can change a run of this name. */
  readonly isChangedBy: (axis: Axis, run: RunName) => boolean;
  readonly work: (spec: Spec) => Effort;
}
