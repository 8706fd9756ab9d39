/** Shortens the cells of a table until its lines fit a width; columns shrink in a given order. */
import { stripVTControlCharacters } from 'node:util';

export interface Shortening {
  readonly column: number;
  /** Narrower it does not become, whatever the width. */
  readonly least: number;
  readonly shorten: (text: string, width: number) => string;
}

type Rows = readonly (readonly string[])[];

/** Between two columns. */
const gap = 2;

/** The cells of columns that give way carry no colours. */
export function fitRows(
  head: readonly string[],
  rows: Rows,
  width: number,
  shortenings: readonly Shortening[],
): Rows {
  const narrowed = shortenings.reduce((fitted: Rows, { column, least, shorten }) => {
    const widths = columnWidths([head, ...fitted]);
    const excess = tableWidth(widths) - width;
    if (excess <= 0) return fitted;
    return withColumn(fitted, rows, column, Math.max(least, widths[column]! - excess), shorten);
  }, rows);
  // A later column may have given way by more than was missing: the last to give way is the first to get it back.
  return shortenings.toReversed().reduce((fitted: Rows, { column, shorten }) => {
    const widths = columnWidths([head, ...fitted]);
    const room = width - tableWidth(widths) + widths[column]!;
    return room > widths[column]! ? withColumn(fitted, rows, column, room, shorten) : fitted;
  }, narrowed);
}

/** With that column of the whole rows, in at most so many letters. */
function withColumn(
  fitted: Rows,
  whole: Rows,
  column: number,
  most: number,
  shorten: Shortening['shorten'],
): Rows {
  return fitted.map((row, i) => {
    const text = whole[i]![column]!;
    return row.with(column, text.length > most ? shorten(text, most) : text);
  });
}

export function columnWidths(rows: Rows): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, visibleWidth(cell))));
  }
  return widths;
}

export function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, widths.length - 1);
}

function visibleWidth(cell: string): number {
  const lines = stripVTControlCharacters(cell).split('\n');
  return Math.max(...lines.map((line) => line.length));
}

export function cutEnd(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}…`;
}

/** Names of runs begin with their kind and end with what sets them apart. */
export function cutMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const front = Math.floor((width - 1) / 2);
  return `${text.slice(0, front)}…${text.slice(text.length - (width - 1 - front))}`;
}

/** `endpoint/A, endpoint/B and 3 more`, as many as there is room for. */
export function cutList(text: string, width: number): string {
  const items = text.split(', ');
  for (let kept = items.length - 1; kept > 0; kept--) {
    const short = `${items.slice(0, kept).join(', ')} and ${items.length - kept} more`;
    if (short.length <= width) return short;
  }
  const count = `${items.length} runs`;
  return items.length > 1 && count.length <= width ? count : cutMiddle(text, width);
}

/** Breaks a long line at its spaces; further lines are indented. */
export function foldLine(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines.join('\n');
}
