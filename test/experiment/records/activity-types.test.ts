/** The compiler refuses a kind without an activity type: every `@ts-expect-error` here must stay one. */
import { expect, test } from 'vitest';
import {
  activityTypeOf,
  activityTypes,
  forEachActivityType,
  type ActivityTypes,
} from '../../../experiment/records/activity-types.js';

test('a kind without an activity type is a type error', () => {
  const { curve, ...others } = activityTypes;
  // @ts-expect-error: `curve` is missing
  const incomplete: ActivityTypes = others;
  expect({ ...incomplete, curve }).toEqual(activityTypes);
});

test('a variable of a kind without an activity type is a type error', () => {
  const spectrum = { inputs: 'inputSpectrum' };
  // @ts-expect-error: `spectrum.weights` is missing
  const incomplete: ActivityTypes = { ...activityTypes, spectrum };
  expect(incomplete.spectrum).toEqual(spectrum);
});

test('a kind with variables has no activity type of its own', () => {
  // @ts-expect-error: `variable` is missing
  expect(activityTypeOf({ kind: 'spectrum' })).toBeUndefined();
});

test('spectra differ by variable, other kinds by kind', () => {
  expect(activityTypeOf({ kind: 'spectrum', variable: 'inputs' })).toBe('inputSpectrum');
  expect(activityTypeOf({ kind: 'spectrum', variable: 'weights' })).toBe('weightSpectrum');
  expect(activityTypeOf({ kind: 'curve-point' })).toBe('takeCurvePoint');
});

test('only runs that need no engine share an activity type', () => {
  const { spectrum, summary, probe, ...engine } = activityTypes;
  const names = [...Object.values(engine), ...Object.values(spectrum)];
  expect(new Set(names).size).toBe(names.length);
  expect([summary, probe]).toEqual(['executeRuns', 'executeRuns']);
  expect(Object.keys(forEachActivityType(0)).sort()).toEqual([...names, 'executeRuns'].sort());
});
