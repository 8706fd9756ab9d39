/** A document with sweeps to plain ones: one for every row of the sweep at the top, each with its entries expanded. */
import { splitDottedPath, type HasName } from '../dotted-path.js';
import { expandBlock } from './block.js';
import { checkCases, createRowCount, type CountRows } from './bounds.js';
import { expandCurves } from './curves.js';
import { expandSection, expandedRecord, type Expanded, type Tables } from './entries.js';
import { valueIdentity } from './identity.js';
import { SweepMistake } from './mistake.js';
import { getIn, isFields, namesIn, setIn, startsWith, type Fields, type Path } from './paths.js';
import { rowFields, fullRowLabel, rowLabel, nameAxis, type Row } from './rows.js';
import type { CurveSweep, SweepBlock } from './schema.js';

export interface Checks {
  readonly sweep: (block: unknown, at: Path) => SweepBlock;
  readonly curveSweep: (block: unknown, at: Path) => CurveSweep;
}

export interface PlainDocument {
  readonly row: Row;
  readonly document: Fields;
  /** From a path in the plain document to the one in the file. */
  readonly origin: (path: Path) => Origin;
}

interface Origin {
  /** Where it is written. */
  readonly at: Path;
  /** The same field under the name that the file gives its entry. */
  readonly field: Path;
}

export interface AxisSize {
  /** The entry that is swept (`endpoints.A`), or null for the whole experiment. */
  readonly entry: string | null;
  readonly axis: string;
  readonly values: number;
}

export interface Expansion {
  readonly documents: readonly PlainDocument[];
  readonly axes: readonly AxisSize[];
  /** The whole labels of entries whose names have them shortened. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Null for a document without any sweep. */
export function expandSweeps(document: Fields, checks: Checks): Expansion | null {
  if (!hasSweep(document)) return null;
  const { sweep, ...rest } = document;
  const rows = sweep === undefined ? [new Map()] : topRows(sweep, rest, checks);
  checkCases(rows.length, rest);
  const count = createRowCount();
  const expanded = rows.map((row) => expandEntries(fillAll(rest, row), row, checks, count));
  const tables = expanded.map((one) => one.tables);
  return {
    documents: expanded.map(({ tables: _, ...plain }) => plain),
    axes: [...axisSizes(null, rows), ...entryAxes(tables)],
    labels: Object.fromEntries(tables.flatMap((one) => Object.values(one).flatMap(wholeLabels))),
  };
}

function hasSweep(document: Fields): boolean {
  const swept = (['endpoints', 'curves', 'attacks'] as const).some((section) =>
    Object.values(document[section] ?? {}).some((entry) => getIn(entry, ['sweep']) !== undefined),
  );
  return swept || document['sweep'] !== undefined;
}

/** They cannot change a result. */
const unsweepable = new Set(['name', 'description', 'execution', 'sweep']);

function topRows(sweep: unknown, document: Fields, checks: Checks): readonly Row[] {
  const rows = expandBlock(checks.sweep(sweep, ['sweep']), ['sweep']);
  const axes = new Map(rows.flatMap((row) => [...row]));
  for (const [axis, { at }] of axes) {
    const [section = ''] = axis.split('.');
    if (unsweepable.has(section)) throw new SweepMistake(at, `${section} cannot be swept`);
    if (axis !== nameAxis) targets(document, axis, at);
  }
  return rows;
}

/** The fields that a dotted path means: `*` stands for every entry. */
function targets(document: Fields, axis: string, at: Path): readonly Path[] {
  const path = splitDottedPath(axis, namesIn(document));
  const star = path.indexOf('*');
  if (star < 0) return [path];
  const entries = getIn(document, path.slice(0, star));
  const names = isFields(entries) ? Object.keys(entries) : [];
  if (star > 0 && names.length > 0 && path.lastIndexOf('*') === star) {
    return names.map((name) => path.with(star, name));
  }
  throw new SweepMistake(at, `"${axis}": there are no such entries`);
}

function fillAll(document: Fields, row: Row): Fields {
  return rowFields(row).reduce<Fields>(
    (filled, [axis, { value, at }]) =>
      targets(document, axis, at).reduce<Fields>(
        (inner, path) => setIn(inner, path, value) as Fields,
        filled,
      ),
    document,
  );
}

interface ExpandedDocument extends PlainDocument {
  readonly tables: Readonly<Record<string, Tables>>;
}

function expandEntries(
  document: Fields,
  row: Row,
  checks: Checks,
  count: CountRows,
): ExpandedDocument {
  const endpoints = expandSection(document, 'endpoints', checks.sweep, count);
  const curves = expandCurves(document, endpoints, checks.curveSweep, count);
  const attacks = expandSection(document, 'attacks', checks.sweep, count);
  const tables = { endpoints, curves, attacks };
  const plain = { ...document };
  for (const [section, table] of Object.entries(tables)) {
    if (isFields(document[section])) plain[section] = expandedRecord(table, section);
  }
  return { row, document: plain, tables, origin: originIn(tables, row, namesIn(document)) };
}

/** Indexed when it is first asked: a wide sweep may repeat a mistake in every one of its entries. */
function originIn(
  tables: Readonly<Record<string, Tables>>,
  row: Row,
  hasName: HasName,
): PlainDocument['origin'] {
  let sources: ReadonlyMap<string, readonly [source: string, entry: Expanded]> | undefined;
  const atTop = (path: Path): Path | null => declaredAt(row, path, hasName);
  return (path) => {
    sources ??= entrySources(tables);
    const [section, name, ...field] = path;
    const found = sources.get(`${String(section)}.${String(name)}`);
    if (found === undefined) return { field: path, at: atTop(path) ?? path };
    const [source, entry] = found;
    const named = [section!, source, ...field];
    return { field: named, at: inEntry(entry, field) ?? atTop(named) ?? named };
  };
}

function entrySources(tables: Readonly<Record<string, Tables>>) {
  return new Map(
    Object.entries(tables).flatMap(([section, entries]) =>
      [...entries].flatMap(([source, table]) =>
        table.map((entry) => [`${section}.${entry.name}`, [source, entry]] as const),
      ),
    ),
  );
}

function inEntry({ row, entry }: Expanded, field: Path): Path | null {
  return declaredAt(row, field, namesIn(entry));
}

/** Where the axis that sets this field is declared: the last one that does. */
function declaredAt(row: Row, path: Path, hasName: HasName): Path | null {
  const found = rowFields(row).findLast(
    ([axis, { at }]) => at.length > 0 && startsWith(path, splitDottedPath(axis, hasName)),
  );
  return found ? found[1].at : null;
}

function wholeLabels(tables: Tables): readonly (readonly [short: string, whole: string])[] {
  const all = [...tables.values()].flatMap((table) =>
    table.map(({ row }) => [rowLabel(row), fullRowLabel(row)] as const),
  );
  return all.filter(([short, whole]) => short !== whole);
}

function entryAxes(all: readonly Readonly<Record<string, Tables>>[]): readonly AxisSize[] {
  const [first] = all;
  return Object.entries(first ?? {}).flatMap(([section, tables]) =>
    [...tables].flatMap(([name, table]) =>
      axisSizes(
        `${section}.${name}`,
        table.map(({ row }) => row),
      ),
    ),
  );
}

function axisSizes(entry: string | null, rows: readonly Row[]): readonly AxisSize[] {
  const values = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const [axis, { value, at, sets }] of row) {
      if (!sets || at.length === 0) continue;
      if (!values.has(axis)) values.set(axis, new Set());
      values.get(axis)!.add(valueIdentity(value));
    }
  }
  return [...values].map(([axis, found]) => ({ entry, axis, values: found.size }));
}
