/** Conditions on the values of axes, as data: equality, lists and comparisons. */
import { magnitude } from '../fraction-text.js';
import { nearestHint } from '../reading/nearest.js';
import { same } from './identity.js';
import { SweepMistake } from './mistake.js';
import type { Row } from './rows.js';
import type { Condition, Test } from './schema.js';

/** All of the condition's axes must be as it says; a row that lacks one of them does not fit. */
export function fits(row: Row, condition: Condition): boolean {
  return Object.entries(condition).every(([axis, test]) => {
    const cell = row.get(axis);
    return cell !== undefined && holds(cell.value, test);
  });
}

function holds(value: unknown, test: Test): boolean {
  if (Array.isArray(test)) return test.some((one) => same(value, one));
  if (typeof test !== 'object' || test === null) return same(value, test);
  const { not, lt, lte, gt, gte } = test;
  if (not !== undefined && (Array.isArray(not) ? not : [not]).some((one) => same(value, one))) {
    return false;
  }
  const bounded = [lt, lte, gt, gte].some((bound) => bound !== undefined);
  if (!bounded) return true;
  const size = magnitude(value);
  if (size === null) return false;
  return (
    (lt === undefined || size < lt) &&
    (lte === undefined || size <= lte) &&
    (gt === undefined || size > gt) &&
    (gte === undefined || size >= gte)
  );
}

/** A condition on an axis that no row has would never hold: a slip of the pen. */
export function checkAxes(
  rows: readonly Row[],
  condition: Condition,
  at: readonly PropertyKey[],
): void {
  const known = [...new Set(rows.flatMap((row) => [...row.keys()]))].sort();
  for (const axis of Object.keys(condition)) {
    if (known.includes(axis)) continue;
    const there = nearestHint(axis, known) || ` (axes: ${known.join(', ') || 'none'})`;
    throw new SweepMistake([...at, axis], `"${axis}" is no axis of this sweep${there}`);
  }
}
