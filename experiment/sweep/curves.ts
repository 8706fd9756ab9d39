/** Curves between swept endpoints: which end goes with which, and the curve's own sweep. */
import { expandBlock } from './block.js';
import { mostRows, type CountRows } from './bounds.js';
import { expandEntry, type Expanded, type Tables } from './entries.js';
import { valueIdentity } from './identity.js';
import { SweepMistake } from './mistake.js';
import { isFields, type Fields, type Path } from './paths.js';
import { combine, type Cell, type Row } from './rows.js';
import type { CurveSweep } from './schema.js';

type Pair = CurveSweep['pair'];
export function expandCurves(
  document: Fields,
  endpoints: Tables,
  check: (block: unknown, at: Path) => CurveSweep,
  count: CountRows,
): Tables {
  const curves = document['curves'];
  if (!isFields(curves)) return new Map();
  return new Map(
    Object.entries(curves).map(([name, curve]) => {
      if (!isFields(curve)) return [name, [{ name, row: new Map(), entry: curve }]];
      const rows = curveRows(name, curve, endpoints, check);
      count(rows, curve, ['curves', name]);
      return [name, expandEntry(name, curve, rows)];
    }),
  );
}

function curveRows(
  name: string,
  curve: Fields,
  endpoints: Tables,
  check: (block: unknown, at: Path) => CurveSweep,
): readonly Row[] {
  const at = ['curves', name, 'sweep'];
  const { pair, ...block } = check(curve['sweep'] ?? {}, at);
  const ends = curveEnds(curve, endpoints);
  // Ends that the sweep itself names, or that are not there: the check of references tells of them.
  if (ends === null) return expandBlock(block, at);
  const pairs = joined(ends[0], ends[1], pair, at);
  if (pairs.length === 0) {
    throw new SweepMistake(
      ['curves', name, 'from'],
      'no two of the swept ends go together; write sweep: { pair: index } or { pair: every }',
    );
  }
  return expandBlock(block, at, pairs);
}

function curveEnds(curve: Fields, endpoints: Tables) {
  const table = (end: 'from' | 'to') => endpoints.get(String(curve[end])) ?? null;
  const [from, to] = [table('from'), table('to')];
  return from && to ? ([from, to] as const) : null;
}

function joined(
  from: readonly Expanded[],
  to: readonly Expanded[],
  pair: Pair,
  at: Path,
): readonly Row[] {
  const swept = from.length > 1 || to.length > 1;
  if (!swept || pair === 'match') return matching(from, to, at);
  if (pair === 'index') return indexed(from, to, at);
  checkPairs(from.length * to.length, at);
  if (from !== to) return from.flatMap((a) => to.map((b) => both(a, b)));
  // Between an endpoint and itself: every two different ones, once, whatever their order in the file.
  const sorted = [...from].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((a, i) => sorted.slice(i + 1).map((b) => both(a, b)));
}

function indexed(from: readonly Expanded[], to: readonly Expanded[], at: Path): readonly Row[] {
  if (from.length === to.length) return from.map((a, i) => both(a, to[i]!));
  throw new SweepMistake(
    [...at, 'pair'],
    `pair: index needs as many of one end as of the other, not ${from.length} and ${to.length}`,
  );
}

function checkPairs(pairs: number, at: Path): void {
  if (pairs > mostRows) throw new SweepMistake(at, `${pairs} pairs of ends; at most ${mostRows}`);
}

/** Indexed by the axes that all of them have: to try every pair of many thousand ends would take minutes. */
function matching(from: readonly Expanded[], to: readonly Expanded[], at: Path): readonly Row[] {
  const all = [...from, ...to];
  const axes = [...(all[0]?.row.keys() ?? [])].filter((axis) =>
    all.every(({ row }) => row.has(axis)),
  );
  const rowKey = ({ row }: Expanded) =>
    axes.map((axis) => valueIdentity(row.get(axis)!.value)).join('\n');
  const groups = new Map<string, Expanded[]>();
  for (const b of to) {
    const key = rowKey(b);
    const group = groups.get(key);
    if (group) group.push(b);
    else groups.set(key, [b]);
  }
  const partners = from.map((a) => groups.get(rowKey(a)) ?? []);
  checkPairs(
    partners.reduce((sum, { length }) => sum + length, 0),
    at,
  );
  return from.flatMap((a, i) => partners[i]!.flatMap((b) => matched(a, b)));
}

/** Equal in every axis that both have. */
function matched(from: Expanded, to: Expanded): readonly Row[] {
  const row = combine(known(from.row), known(to.row));
  return row ? [new Map([...row, ...names(from, to)])] : [];
}

function both(from: Expanded, to: Expanded): Row {
  return new Map([...known(from.row, 'from.'), ...known(to.row, 'to.'), ...names(from, to)]);
}

/** The axes of its ends say which they are. */
function names(from: Expanded, to: Expanded): readonly (readonly [string, Cell])[] {
  const cell = (value: string): Cell => ({ value, sets: true, named: true, at: [] });
  return [
    ['from', cell(from.name)],
    ['to', cell(to.name)],
  ];
}

/** To the curve the axes of its ends are known, not its own. */
function known(row: Row, prefix = ''): Row {
  return new Map(
    [...row].map(([axis, cell]): [string, Cell] => [`${prefix}${axis}`, { ...cell, sets: false }]),
  );
}
