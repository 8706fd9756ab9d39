/** Temporal activity types of the kinds of run. */
import { kinds, type RunKind, type RunSpec } from './index.js';

/** One activity type, or one for each variable. */
type OwnTypes = string | Readonly<Record<string, string>>;

const activityTypes = Object.fromEntries(
  Object.entries(kinds).map(([kind, { activity }]) => [kind, activity]),
) as Readonly<Record<RunKind, OwnTypes>>;

/** The same value under each activity type. */
export function forEachActivityType<T>(value: T): Readonly<Record<string, T>> {
  const names = Object.values(activityTypes).flatMap((own) =>
    typeof own === 'string' ? [own] : Object.values(own),
  );
  return Object.fromEntries(names.map((name) => [name, value]));
}

/** The part of a specification that decides its activity type. */
export type ActivitySubject = RunSpec extends infer Spec
  ? Spec extends { readonly kind: infer Kind; readonly variable: infer Variable }
    ? { readonly kind: Kind; readonly variable: Variable }
    : Spec extends { readonly kind: infer Kind }
      ? { readonly kind: Kind; readonly variable?: never }
      : never
  : never;

export function activityType({ kind, variable }: ActivitySubject): string {
  const own = activityTypes[kind];
  return typeof own === 'string' ? own : own[variable!]!;
}
