/** How much sweeps may make of one file, so that every file is answered at once. */
import { SweepMistake } from './mistake.js';
import { isFields, type Fields, type Path } from './paths.js';
import type { Row } from './rows.js';

/** Entries of all sweeps together; combinations of one. */
export const mostRows = 50_000;
/** Values of all entries that sweeps make. */
const mostValues = 1_000_000;
/** Values of all cases together, where the whole experiment is swept. */
const mostCaseValues = 120_000;
/** Axes of one part of a sweep. */
const mostAxes = 200;
/** Rows times the conditions that they are held against. */
const mostTests = 1_000_000;

/** Adds up the entries that sweeps make, section after section, case after case, before they are made. */
export type CountRows = (rows: readonly Row[], entry: Fields, at: Path) => void;

export function createRowCount(): CountRows {
  const made = { entries: 0, values: 0 };
  const check = (at: Path): void => {
    const tooMany =
      made.entries > mostRows
        ? `${mostRows} entries`
        : made.values > mostValues
          ? `${mostValues} values`
          : null;
    if (tooMany === null) return;
    throw new SweepMistake(at, `all sweeps of the file make more than ${tooMany} together`);
  };
  return (rows, { sweep, ...entry }, at) => {
    void sweep;
    if (rows.length === 1) return;
    made.entries += rows.length;
    made.values += rows.length * valuesIn(entry);
    check(at);
    for (const row of rows) {
      for (const { value, sets } of row.values()) made.values += sets ? valuesIn(value) : 0;
      check(at);
    }
  };
}

/** Each case is checked and planned by itself. */
export function checkCases(cases: number, document: Fields): void {
  const values = valuesIn(document);
  if (cases === 1 || cases * values <= mostCaseValues) return;
  throw new SweepMistake(
    ['sweep'],
    `${cases} cases of ${values} values each are more than ${mostCaseValues} values; sweep entries instead of the whole`,
  );
}

export function checkAxisCount(axes: object, at: Path): void {
  const count = Object.keys(axes).length;
  if (count > mostAxes) throw new SweepMistake(at, `${count} axes; at most ${mostAxes}`);
}

export function checkTests(rows: number, conditions: number, at: Path): void {
  if (rows * conditions <= mostTests) return;
  throw new SweepMistake(
    at,
    `${conditions} conditions on ${rows} rows are more than ${mostTests} tests`,
  );
}

function valuesIn(value: unknown): number {
  const inside = Array.isArray(value) ? value : isFields(value) ? Object.values(value) : [];
  return inside.reduce<number>((sum, one) => sum + valuesIn(one), 1);
}
