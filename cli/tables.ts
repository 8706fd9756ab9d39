/** Tables for a terminal: no frames, one rule below the heads, numbers to the right. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { ResultsTable } from '../report/results-tables.js';

const bare = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: '  ',
};

/** `numeric` says which columns stand to the right. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: (column: number) => boolean,
  colours: ReturnType<typeof pc.createColors> = pc,
): string {
  const table = new Table({
    chars: bare,
    head: head.map((text) => colours.bold(text)),
    colAligns: head.map((_, column) => (numeric(column) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Every column of numbers to the right, every column of words to the left. */
export function resultsTableText({ title, head, rows }: ResultsTable): string {
  const numeric = (column: number): boolean =>
    rows.length > 0 &&
    rows.every((row) => /^(?:[-−]?[\d.]+(?:e[-+]?\d+)?|–|NaN|[-−]?∞)$/.test(row[column] ?? ''));
  return `${pc.bold(title)}\n${textTable(head.map(breakHead), rows, numeric)}`;
}

/** Two short lines make a narrower table than one long one. */
function breakHead(head: string): string {
  return head.length > 9
    ? head.replace(/^line: |\S+ (?=\S+$)|\S+ (?=error %$)/, (part) => `${part.trimEnd()}\n`)
    : head;
}
