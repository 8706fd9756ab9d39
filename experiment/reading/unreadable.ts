/** Errors of a text that cannot be read, each with its place. */
import type { LineCounter } from 'yaml';

export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly offset: number;
  /** `line:column`, once the lines are known. */
  readonly place: string | null;

  constructor(offset: number, what: string, cause?: unknown, place: string | null = null) {
    super(what, cause === undefined ? {} : { cause });
    this.offset = offset;
    this.place = place;
  }

  placed(lines: LineCounter): Unreadable {
    const { line, col } = lines.linePos(this.offset);
    return new Unreadable(this.offset, this.message, this.cause, `${Math.max(line, 1)}:${col}`);
  }
}
