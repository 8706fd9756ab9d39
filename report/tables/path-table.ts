/** The table of a path: one row for each t, one column for each series that is shown there. */
import { explainFailure } from '../view/failed-checks.js';
import type { CurveView, FailedCheck, Point } from '../view/records.js';
import { column } from '../numbers.js';
import type { Note, ResultsTable } from './table.js';

/** A series along the path. Decimals: as many as four digits of the largest value need, if none are given. */
export interface PathColumn {
  readonly head: string;
  readonly points: readonly Point[];
  readonly decimals?: number;
  /** Checks that put its values in doubt. */
  readonly checks?: readonly FailedCheck[];
  /** The attack whose checks these are. */
  readonly of?: string;
}

export function pathTable(curve: CurveView, all: readonly PathColumn[]): ResultsTable {
  const columns = all.filter(({ points }) => points.length > 0);
  const grid = [...new Set(columns.flatMap(({ points }) => points.map(({ x }) => x)))];
  grid.sort((a, b) => a - b);
  const cells = columns.map(({ points, decimals }) => {
    const byX = new Map(points.map(({ x, value }) => [x, value]));
    return column(
      grid.map((x) => byX.get(x)),
      decimals,
    );
  });
  const ts = column(grid, decimalsOfT(grid));
  return {
    title: `${curve.name}: ${describeCurve(curve)}`,
    caption:
      'The measured points: error in %, loss and nll in nats, eigenvalues in 1/pixel², of the weights in 1/weight².',
    head: ['t', ...columns.map(({ head }) => head)],
    rows: grid.map((_, row) => [ts[row]!, ...cells.map((values) => values[row]!)]),
    notes: notesOn(columns, grid),
  };
}

/** As many decimals as tell every t exactly, from 2 to 4. */
function decimalsOfT(grid: readonly number[]): number {
  const exact = (decimals: number): boolean =>
    grid.every((t) => Math.abs(t - Number(t.toFixed(decimals))) < 1e-9);
  return [2, 3].find(exact) ?? 4;
}

/** One note for each failed check; error and loss of an attack share it. */
function notesOn(columns: readonly PathColumn[], grid: readonly number[]): readonly Note[] {
  const notes = new Map<string, Note>();
  columns.forEach(({ checks = [], of = '' }, i) => {
    for (const check of checks) {
      const text = `${of}: ${explainFailure(check)}`;
      const cells = check.failed.map(({ x }) => ({ row: grid.indexOf(x), column: i + 1 }));
      notes.set(text, { text, cells: [...(notes.get(text)?.cells ?? []), ...cells] });
    }
  });
  return [...notes.values()];
}

export function describeCurve({ from, to, family, bends }: CurveView): string {
  const how = family === 'bezier' ? 'Bézier curve' : 'polygonal chain';
  return `${how} with ${bends} bend${bends === 1 ? '' : 's'} from ${from} to ${to}`;
}
