/** The values of an axis that has finitely many. */
import { mostRows } from './bounds.js';
import { SweepMistake } from './mistake.js';
import type { AxisValues } from './schema.js';

export function finiteValues(values: AxisValues, at: readonly PropertyKey[]): readonly unknown[] {
  if (Array.isArray(values)) return values;
  if ('int' in values) return integers(values.int, at);
  const [range] = Object.keys(values);
  throw new SweepMistake(
    at,
    `${range} is a continuous range, which has no end here; list the values, or draw n of them with random`,
  );
}

function integers([from, to]: readonly [number, number], at: readonly PropertyKey[]) {
  checkEnds(from, to, at);
  const count = to - from + 1;
  if (count > mostRows) throw new SweepMistake(at, `${count} values are too many`);
  return Array.from({ length: count }, (_, i) => from + i);
}

export function checkEnds(from: number, to: number, at: readonly PropertyKey[]): void {
  if (from <= to) return;
  throw new SweepMistake(at, `the range begins at ${from}, after its end ${to}`);
}
