/** A table of results as plain rows: what the terminal and the page both show. */

export interface ResultsTable {
  readonly title: string;
  /** Instead of the title on a page, where there is room for more words (default: the title). */
  readonly caption?: string;
  /** Column heads; the first column holds names or t, the others numbers. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences below the table, with the cells that they put in doubt (default: none). */
  readonly notes?: readonly Note[];
}

export interface Note {
  readonly text: string;
  readonly cells: readonly Cell[];
}

interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Numbers, and signs for a number that is not there. */
export function isNumeric({ rows }: ResultsTable, column: number): boolean {
  const number = /^(?:[-−]?[\d.]+(?:e[-+]?\d+)?|–|NaN|[-−]?∞)$/;
  return rows.every((row) => number.test(row[column] ?? ''));
}

/** The numbers, from 1, of the notes on each cell: `[1,3]` beside a doubtful value. */
export function noteMarks({ notes = [] }: ResultsTable): (row: number, column: number) => string {
  const marks = new Map<string, number[]>();
  notes.forEach(({ cells }, i) => {
    for (const { row, column } of cells) {
      const place = `${row} ${column}`;
      marks.set(place, [...(marks.get(place) ?? []), i + 1]);
    }
  });
  return (row, column) => marks.get(`${row} ${column}`)?.join(',') ?? '';
}
