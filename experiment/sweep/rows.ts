/** Rows of a sweep: what each axis is in one of its cases, their labels, and how rows combine. */
import { SweepMistake } from './mistake.js';

export interface Cell {
  readonly value: unknown;
  /** Whether the field of this name is set to it; an axis of a curve's end is only known to it. */
  readonly sets: boolean;
  /** Whether the name of its row stands for it. */
  readonly named: boolean;
  /** Where in the file it was declared. */
  readonly at: readonly PropertyKey[];
}

export type Row = ReadonlyMap<string, Cell>;

/** The axis that names a row and sets nothing. */
export const nameAxis = 'as';

/**
 * Null where an axis that both only know is not the same in both: ends go together by what they have in common. What
 * the first knows and the second sets are two things; two that set one axis are a slip.
 */
export function combine(a: Row, b: Row): Row | null {
  const all = new Map(a);
  for (const [axis, cell] of b) {
    const other = a.get(axis);
    if (other?.sets && cell.sets) {
      throw new SweepMistake(cell.at, `"${axis}" is given twice in this sweep`);
    }
    if (other && cell.sets) all.set(`ends.${axis}`, other);
    else if (other && !same(other.value, cell.value)) return null;
    all.set(axis, cell);
  }
  return all;
}

export function same(a: unknown, b: unknown): boolean {
  return a === b || valueText(a) === valueText(b);
}

/** `epsilon=0.1,seed=3`, by the names of the axes whatever their order in the file; the row's own name first. */
export function labelOf(row: Row): string {
  const own = row.get(nameAxis);
  const parts = [...row]
    .filter(([axis, { named }]) => axis !== nameAxis && !named)
    .map(([axis, { value }]) => `${axis}=${labelText(value)}`)
    .sort();
  return [...(own ? [labelText(own.value)] : []), ...parts].join(',');
}

/** Letters, digits and a few signs: it becomes part of names that are typed and matched. */
export function labelText(value: unknown): string {
  return valueText(value).replace(/[^a-zA-Z0-9._:+-]/g, '-');
}

/** One text for one value, whatever the order of its keys. */
export function valueText(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.map(valueText).join('+');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, inner]) => `${key}:${valueText(inner)}`)
      .sort()
      .join('+');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Rows without repetitions, by label: a value given twice decides nothing. */
export function distinct(rows: Iterable<Row>): readonly Row[] {
  const byLabel = new Map<string, Row>();
  for (const row of rows) {
    const label = labelOf(row);
    const other = byLabel.get(label);
    if (other === undefined) byLabel.set(label, row);
    else checkEqual(label, other, row);
  }
  return [...byLabel.values()];
}

function checkEqual(label: string, a: Row, b: Row): void {
  for (const [axis, { value, at }] of b) {
    const other = a.get(axis);
    if (other && same(other.value, value)) continue;
    throw new SweepMistake(at, `two different rows of this sweep are both called "${label}"`);
  }
}
