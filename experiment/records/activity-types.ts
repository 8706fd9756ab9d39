/** Temporal activity type of each kind of run: the Temporal UI, its filters and its metrics tell kinds apart by it. */
import type { RunKind, RunSpec } from '../kinds/index.js';

/** Every worker knows it, older ones alone; runs small enough for the worker itself share it. */
export const commonActivity = 'executeRuns';

type SpecOf<Kind extends RunKind> = Extract<RunSpec, { readonly kind: Kind }>;

/** A kind whose specs have a `variable` has a type for each; a kind or variable without one is a type error. */
export type ActivityTypes = {
  readonly [Kind in RunKind]: SpecOf<Kind> extends { readonly variable: infer Variable }
    ? { readonly [Each in Variable & string]: string }
    : string;
};

export const activityTypes = {
  endpoint: 'trainEndpoint',
  injection: 'injectFaults',
  noise: 'addNoise',
  'curve-point': 'takeCurvePoint',
  curve: 'fitCurve',
  evaluation: 'evaluatePath',
  attack: 'attackPath',
  spectrum: { inputs: 'inputSpectrum', weights: 'weightSpectrum' },
  transfer: 'transferAttack',
  ensemble: 'evaluateEnsemble',
  summary: commonActivity,
  probe: commonActivity,
} as const satisfies ActivityTypes;

type Named<Entry> = Entry extends string ? Entry : Entry[keyof Entry];
export type ActivityType = Named<(typeof activityTypes)[RunKind]>;

/** The same value under each activity type. */
export function forEachActivityType<T>(value: T): Readonly<Record<ActivityType, T>> {
  const names = Object.values(activityTypes).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  return Object.fromEntries(names.map((name) => [name, value])) as Record<ActivityType, T>;
}

/** The part of a specification that decides its activity type. */
export type ActivitySubject = RunSpec extends infer Spec
  ? Spec extends { readonly kind: infer Kind; readonly variable: infer Variable }
    ? { readonly kind: Kind; readonly variable: Variable }
    : Spec extends { readonly kind: infer Kind }
      ? { readonly kind: Kind; readonly variable?: never }
      : never
  : never;

export function activityTypeOf(spec: ActivitySubject): ActivityType {
  return spec.kind === 'spectrum'
    ? activityTypes.spectrum[spec.variable]
    : activityTypes[spec.kind];
}
