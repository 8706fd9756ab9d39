/** Plain-text tables: no frames, one rule below the heads, numbers right-aligned. */
import Table from 'cli-table3';
import { isNumeric, type ResultsTable } from '../../report/tables/results-tables.js';
import { stdoutColours, type Colours } from './colours.js';
import { columnWidths, tableWidth } from './fit-table.js';

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
  colours: Colours = stdoutColours,
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

/** Every column of numbers to the right, every column of words to the left; too wide a table goes on below. */
export function resultsTableText(
  table: ResultsTable,
  width: number,
  colours: Colours = stdoutColours,
): string {
  const { title, rows } = table;
  const head = table.head.map(breakHead);
  const blocks = columnBlocks(columnWidths([head, ...rows]), width).map((columns) =>
    textTable(
      columns.map((column) => head[column]!),
      rows.map((row) => columns.map((column) => row[column]!)),
      (column) => isNumeric(table, columns[column]!),
      colours,
    ),
  );
  return `${colours.bold(title)}\n${blocks.join('\n\n')}`;
}

/** The columns of each block: the first one, which says what a row is, and as many more as fit. */
function columnBlocks(widths: readonly number[], width: number): readonly (readonly number[])[] {
  const blocks: number[][] = [[0]];
  for (let column = 1; column < widths.length; column++) {
    const longer = [...blocks.at(-1)!, column];
    const fits = tableWidth(longer.map((one) => widths[one]!)) <= width;
    if (fits || longer.length === 2) blocks[blocks.length - 1] = longer;
    else blocks.push([0, column]);
  }
  return blocks;
}

/** Two short lines make a narrower table than one long one: the break goes where they come out most even. */
function breakHead(head: string): string {
  if (head.length <= 9) return head;
  const words = head.replace(' %', '\u00a0%').split(' ');
  const breaks = words.slice(1).map((_, i) => [words.slice(0, i + 1), words.slice(i + 1)] as const);
  const widest = (parts: readonly (readonly string[])[]): number =>
    Math.max(...parts.map((part) => part.join(' ').length));
  const [best] = breaks.sort((a, b) => widest(a) - widest(b));
  return (best ? best.map((part) => part.join(' ')).join('\n') : head).replace('\u00a0', ' ');
}
