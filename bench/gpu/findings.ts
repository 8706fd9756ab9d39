/** Findings that a step tells the script that started it, one JSON object a line: rows of tables, and how it ended. */

import type { Rounds } from '../spread.js';

type Cell = string | number | boolean | null;
type Row = Readonly<Record<string, Cell>>;

/** Lines are written when something is known: the machine may be gone a moment later. */
export type Finding =
  | {
      readonly table: string;
      readonly row: Row;
      /** Behind the row: every sample. */
      readonly samples?: Readonly<Record<string, Rounds>>;
    }
  /** A result that is not as it should be. */
  | { readonly problem: string }
  /** A part that was left out, and why that is no failure. */
  | { readonly note: string }
  /** Why the step is not for this machine. */
  | { readonly skipped: string };

export type Tell = (finding: Finding) => void;

export function print(finding: Finding): void {
  process.stdout.write(`${JSON.stringify(finding)}\n`);
}
