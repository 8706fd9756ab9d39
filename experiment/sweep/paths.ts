/** Values inside plain JSON by path; what is changed is copied, what is not stays shared. */
import type { HasName } from '../dotted-path.js';
import { ownField } from '../own.js';

export type Path = readonly PropertyKey[];
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function getIn(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) => (isFields(inner) ? ownField(inner, String(step)) : undefined),
    value,
  );
}

/** The names that plain JSON has. */
export function namesIn(value: unknown): HasName {
  return (at, name) => {
    const fields = getIn(value, at);
    return isFields(fields) && Object.hasOwn(fields, name);
  };
}

/** Null leaves the field out. */
export function setIn(value: unknown, path: Path, inner: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return inner;
  const fields = isFields(value) ? value : {};
  const key = String(step);
  if (rest.length > 0) return { ...fields, [key]: setIn(ownField(fields, key), rest, inner) };
  const { [key]: old, ...others } = fields;
  void old;
  return inner === null ? others : { ...others, [key]: inner };
}

export type Change = readonly [path: readonly string[], value: unknown];

/** Changes for `setIn` that turn `from` into `to`; null for fields that `to` lacks. Lists are replaced whole. */
export function changes(from: unknown, to: unknown, at: readonly string[] = []): readonly Change[] {
  if (from === to) return [];
  if (!isFields(from) || !isFields(to)) {
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [[at, to ?? null]];
  }
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...keys]
    .sort()
    .flatMap((key) => changes(ownField(from, key), ownField(to, key), [...at, key]));
}

export function startsWith(path: Path, start: Path): boolean {
  return start.every((step, i) => step === '*' || String(step) === String(path[i]));
}
