/** Which `--set` assignment caused a mistake: its value has no line in the file. */
import { dotted, type Mistake } from '../reading/mistakes.js';
import type { Reading } from './read-sweeps.js';
import { startsWith, type Path } from '../sweep/paths.js';

export interface Assignment {
  /** As it was typed, `path=value`. */
  readonly text: string;
  /** The field that it sets. */
  readonly path: Path;
}

/**
 * The last assignment to the place of the mistake; else the last one without which all was well, such as one that
 * takes away what another field needs. Null: the file itself is at fault. `readAfter(k)` reads it with the first k.
 */
export function blame(
  assignments: readonly Assignment[],
  readAfter: (count: number) => Reading,
): (mistake: Mistake) => Assignment | null {
  let elsewhere: Assignment | null | undefined;
  return ({ path }) =>
    assignments.findLast((one) => startsWith(path, one.path)) ??
    (elsewhere === undefined
      ? (elsewhere = assignments.findLast((_, i) => readAfter(i).ok) ?? null)
      : elsewhere);
}

/** The mistake in one line that begins with the assignment. */
export function assignmentMistake({ text, path }: Assignment, what: string): string {
  const own = `${dotted(path)}: `;
  return `--set ${text}: ${what.startsWith(own) ? what.slice(own.length) : what}`;
}
