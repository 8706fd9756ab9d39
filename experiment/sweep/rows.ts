/** Rows of a sweep: what each axis is in one of its cases, their labels, and how rows combine. */
import { valueIdentity, same } from './identity.js';
import { labelText, shortenLabel } from './labels.js';
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

/** The axes that set fields: what is more general first (`attacks.*`, `adversarial`), whatever the order in the file. */
export function rowFields(row: Row): readonly (readonly [axis: string, cell: Cell])[] {
  return [...row]
    .filter(([axis, { sets }]) => sets && axis !== nameAxis)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `epsilon=0.1,seed=3`, by the names of the axes whatever their order in the file; the row's own name first. */
export function fullRowLabel(row: Row): string {
  const own = row.get(nameAxis);
  const parts = [...row]
    .filter(([axis, { named }]) => axis !== nameAxis && !named)
    .map(([axis, { value }]) => `${axis}=${labelText(value)}`)
    .sort();
  return [...(own ? [labelText(own.value)] : []), ...parts].join(',');
}

/** The same, as long as names may be. */
export function rowLabel(row: Row): string {
  return shortenLabel(fullRowLabel(row));
}

/** Rows without repetitions: a value given twice decides nothing. Two rows of one label are a slip. */
export function distinct(rows: Iterable<Row>): readonly Row[] {
  const byLabel = new Map<string, readonly [identity: string, row: Row]>();
  for (const row of rows) {
    const label = rowLabel(row);
    const identity = rowIdentity(row);
    const other = byLabel.get(label);
    if (other === undefined) byLabel.set(label, [identity, row]);
    else if (other[0] !== identity) throw twoRows(label, other[1], row);
  }
  return [...byLabel.values()].map(([, row]) => row);
}

function rowIdentity(row: Row): string {
  const cells = [...row].map(
    ([axis, { value }]) => `${JSON.stringify(axis)}:${valueIdentity(value)}`,
  );
  return cells.sort().join();
}

function twoRows(label: string, a: Row, b: Row): SweepMistake {
  const differing = [...b].find(([axis, { value }]) => {
    const other = a.get(axis);
    return !other || !same(other.value, value);
  });
  const [[, { at }]] = [differing ?? [...b][0]!];
  return new SweepMistake(at, `two different rows of this sweep are both called "${label}"`);
}
