/** A sweep block to its rows: parts are multiplied, `when` adds axes to some rows, `exclude` leaves rows out. */
import { hasOwn } from '../own.js';
import { checkAxisCount, checkTests, mostRows } from './bounds.js';
import { checkAxes, fits } from './conditions.js';
import { SweepMistake } from './mistake.js';
import { draws } from './random.js';
import { combine, distinct, nameAxis, type Cell, type Row } from './rows.js';
import type { Axes, Condition, RandomAxes, SweepBlock } from './schema.js';
import { finiteValues } from './values.js';

type Path = readonly PropertyKey[];
type Parts = Omit<SweepBlock, 'exclude' | 'union' | 'when'>;

/** `start`: what is known before the block says anything, such as the swept ends of a curve. */
export function expandBlock(
  block: SweepBlock,
  at: Path,
  start: readonly Row[] = [new Map()],
): readonly Row[] {
  let rows = product(start, expandParts(block, at), at);
  if (block.union) {
    const all = block.union.flatMap((part, i) => {
      const path = [...at, 'union', i];
      return exclude(product([new Map()], expandParts(part, path), path), part.exclude, path);
    });
    rows = product(rows, [all], at);
  }
  checkTests(rows.length, block.when?.length ?? 0, [...at, 'when']);
  block.when?.forEach((part, i) => (rows = extend(rows, part, [...at, 'when', i])));
  const left = exclude(rows, block.exclude, at);
  if (left.length === 0 && rows.length > 0) {
    throw new SweepMistake([...at, 'exclude'], 'leaves nothing of the sweep');
  }
  return distinct(left);
}

function expandParts(parts: Parts, at: Path): readonly (readonly Row[])[] {
  return [
    ...(parts.grid ? gridTables(parts.grid, [...at, 'grid']) : []),
    ...(parts.zip ? [zipTable(parts.zip, [...at, 'zip'])] : []),
    ...(parts.list ? [listTable(parts.list, [...at, 'list'])] : []),
    ...(parts.random ? [randomTable(parts.random, [...at, 'random'])] : []),
  ];
}

/** By the name of the axis, so that the order of the keys decides nothing. */
function gridTables(axes: Axes, at: Path): readonly (readonly Row[])[] {
  checkAxisCount(axes, at);
  const sorted = Object.entries(axes).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([axis, values]) =>
    finiteValues(values, [...at, axis]).map((value) => makeRow([axis, cell(value, [...at, axis])])),
  );
}

function zipTable(axes: Axes, at: Path): readonly Row[] {
  checkAxisCount(axes, at);
  const columns = Object.entries(axes).map(
    ([axis, values]) => [axis, finiteValues(values, [...at, axis])] as const,
  );
  const lengths = columns.map(([axis, values]) => `${axis} ${values.length}`);
  const [length = 0] = columns.map(([, values]) => values.length);
  if (columns.some(([, values]) => values.length !== length)) {
    throw new SweepMistake(at, `needs lists of one length (here: ${lengths.join(', ')})`);
  }
  return transpose(columns, length, at);
}

function listTable(rows: NonNullable<SweepBlock['list']>, at: Path): readonly Row[] {
  rows.forEach((row, i) => checkAxisCount(row, [...at, i]));
  return rows.map((row, i) =>
    makeRow(
      ...Object.entries(row).map(([axis, value]): [string, Cell] => {
        const where = [...at, i, axis];
        return [axis, { ...cell(value, where), named: hasOwn(row, nameAxis) && axis !== nameAxis }];
      }),
    ),
  );
}

function randomTable({ n, seed, of }: RandomAxes, at: Path): readonly Row[] {
  checkAxisCount(of, [...at, 'of']);
  const columns = Object.entries(of).map(([axis, values]) => {
    const where = [...at, 'of', axis];
    return [axis, draws(values, { n, seed, axis }, where)] as const;
  });
  return transpose(columns, n, [...at, 'of']);
}

type Column = readonly [axis: string, values: readonly unknown[]];

function transpose(columns: readonly Column[], length: number, at: Path): readonly Row[] {
  return Array.from({ length }, (_, i) =>
    makeRow(
      ...columns.map(([axis, values]): [string, Cell] => [axis, cell(values[i], [...at, axis])]),
    ),
  );
}

function product(
  start: readonly Row[],
  tables: readonly (readonly Row[])[],
  at: Path,
): readonly Row[] {
  return tables.reduce((rows, table) => {
    if (rows.length * table.length > mostRows) {
      throw new SweepMistake(at, `makes more than ${mostRows} combinations`);
    }
    return rows.flatMap((a) => table.flatMap((b) => combine(a, b) ?? []));
  }, start);
}

function extend(
  rows: readonly Row[],
  part: Parts & { readonly if: Condition },
  at: Path,
): readonly Row[] {
  checkAxes(rows, part.if, [...at, 'if']);
  const tables = expandParts(part, at);
  return rows.flatMap((row) => (fits(row, part.if) ? product([row], tables, at) : [row]));
}

function exclude(
  rows: readonly Row[],
  conditions: Condition | readonly Condition[] | undefined,
  at: Path,
): readonly Row[] {
  if (conditions === undefined) return rows;
  const where = [...at, 'exclude'];
  const all = isList(conditions) ? conditions : [conditions];
  checkTests(rows.length, all.length, where);
  all.forEach((one, i) => checkAxes(rows, one, isList(conditions) ? [...where, i] : where));
  return rows.filter((row) => !all.some((one) => fits(row, one)));
}

function isList<T extends object>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function cell(value: unknown, at: Path): Cell {
  return { value, sets: true, named: false, at };
}

function makeRow(...cells: readonly (readonly [string, Cell])[]): Row {
  return new Map(cells);
}
