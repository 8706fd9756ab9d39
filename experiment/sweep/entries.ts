/** Entries with a `sweep:` of their own (endpoints, curves, attacks) to one entry for every row. */
import { splitDottedPath } from '../dotted-path.js';
import { expandBlock } from './block.js';
import type { CountRows } from './bounds.js';
import { hasOwn } from '../own.js';
import { SweepMistake } from './mistake.js';
import { getIn, isFields, namesIn, setIn, type Fields, type Path } from './paths.js';
import { rowFields, rowLabel, type Row } from './rows.js';
import type { SweepBlock } from './schema.js';

export interface Expanded {
  readonly name: string;
  readonly row: Row;
  readonly entry: unknown;
}

/** By the name in the file. */
export type Tables = ReadonlyMap<string, readonly Expanded[]>;

/** A section that is not a map, or an entry that is none, is left for the schema to refuse. */
export function expandSection(
  document: Fields,
  section: string,
  check: (block: unknown, at: Path) => SweepBlock,
  count: CountRows,
): Tables {
  const entries = document[section];
  if (!isFields(entries)) return new Map();
  return new Map(
    Object.entries(entries).map(([name, entry]) => {
      const block = getIn(entry, ['sweep']);
      if (block === undefined) return [name, [{ name, row: new Map(), entry }]] as const;
      const at = [section, name, 'sweep'];
      const rows = expandBlock(check(block, at), at);
      count(rows, entry as Fields, at);
      return [name, expandEntry(name, entry as Fields, rows)] as const;
    }),
  );
}

export function expandEntry(
  name: string,
  { sweep, ...entry }: Fields,
  rows: readonly Row[],
): readonly Expanded[] {
  void sweep;
  return rows.map((row) => ({ name: suffixed(name, rowLabel(row)), row, entry: fill(entry, row) }));
}

function suffixed(name: string, label: string): string {
  return label === '' ? name : `${name}@${label}`;
}

function fill(entry: Fields, row: Row): unknown {
  return rowFields(row).reduce<unknown>(
    (filled, [axis, { value }]) => setIn(filled, splitDottedPath(axis, namesIn(filled)), value),
    entry,
  );
}

/** The plain section again. Two entries of one name would hide each other. */
export function expandedRecord(tables: Tables, section: string): Fields {
  const record: Record<string, unknown> = {};
  for (const [source, table] of tables) {
    for (const { name, entry } of table) {
      if (hasOwn(record, name)) {
        throw new SweepMistake([section, source], `another entry is called "${name}" already`);
      }
      record[name] = entry;
    }
  }
  return record;
}
