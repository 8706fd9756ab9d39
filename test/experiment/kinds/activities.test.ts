/** Temporal activity types: each kind that an engine computes has its own; the compiler refuses a missing one. */
import { expect, test } from 'vitest';
import { activityType, forEachActivityType } from '../../../experiment/kinds/activities.js';
import { kinds } from '../../../experiment/kinds/index.js';

test('a variable of a kind without an activity type is a type error', () => {
  const activity = { inputs: 'inputSpectrum' };
  // @ts-expect-error: `weights` is missing
  const incomplete: typeof kinds.spectrum = { ...kinds.spectrum, activity };
  expect(incomplete.activity).toEqual(activity);
});

test('a kind with variables has no activity type of its own', () => {
  // @ts-expect-error: `variable` is missing
  expect(activityType({ kind: 'spectrum' })).toBeUndefined();
});

test('spectra differ by variable, other kinds by kind', () => {
  expect(activityType({ kind: 'spectrum', variable: 'inputs' })).toBe('inputSpectrum');
  expect(activityType({ kind: 'spectrum', variable: 'weights' })).toBe('weightSpectrum');
  expect(activityType({ kind: 'curve-point' })).toBe('takeCurvePoint');
  expect(activityType({ kind: 'import' })).toBe('importNetwork');
});

test('only runs that need no engine share an activity type', () => {
  const byComputer = (computer: 'engine' | 'worker') =>
    Object.values(kinds).flatMap(({ computedBy, activity }) => {
      if (computedBy !== computer) return [];
      return typeof activity === 'string' ? [activity] : Object.values(activity);
    });
  const names = byComputer('engine');
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(byComputer('worker'))).toEqual(new Set(['executeRuns']));
  expect(Object.keys(forEachActivityType(0)).sort()).toEqual([...names, 'executeRuns'].sort());
});
