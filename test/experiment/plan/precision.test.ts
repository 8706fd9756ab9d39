/** Which runs a precision changes: their specifications, and with these their keys. */
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../experiment/errors.js';
import { productPrecision } from '../../../experiment/plan/product-precision.js';
import { changedRuns, keys, plan, written } from '../study.js';

const all = Object.keys(keys(plan())).sort();

describe.each(['bfloat16', 'tf32'] as const)('precision: %s', (precision) => {
  const { runs } = plan({ ...written, precision });
  const stated = runs.filter(({ spec }) => 'precision' in spec && spec.precision === precision);

  it('is that of training, curve fitting and attacks, and of nothing that measures alone', () => {
    expect(new Set(stated.map(({ spec }) => spec.kind))).toEqual(
      new Set(['endpoint', 'curve', 'attack']),
    );
    const others = runs.filter((run) => !stated.includes(run));
    expect(others.every(({ spec }) => !('precision' in spec))).toBe(true);
  });

  it('gives every run a key of its own, since what they need has another', () => {
    expect(changedRuns({ ...written, precision })).toEqual(all);
    const other = precision === 'tf32' ? 'bfloat16' : 'tf32';
    const taken = new Set(Object.values(keys(plan({ ...written, precision: other }))));
    expect(runs.filter(({ key }) => taken.has(key))).toEqual([]);
  });
});

it('float32 is what is left out: keys stay as they were', () => {
  expect(changedRuns({ ...written, precision: 'float32' })).toEqual([]);
});

it('only tf32 needs an engine of another kind', () => {
  const wanted = (precision: string) =>
    new Set(plan({ ...written, precision }).runs.map(({ spec }) => productPrecision(spec)));
  expect(wanted('float32')).toEqual(new Set(['float32']));
  expect(wanted('bfloat16')).toEqual(new Set(['float32']));
  expect(wanted('tf32')).toEqual(new Set(['tf32', 'float32']));
});

it('another precision is refused', () => {
  expect(() => plan({ ...written, precision: 'float16' })).toThrow();
  expect(() => plan({ ...written, engine: 'eager', precision: 'bfloat16' })).toThrow(UserError);
});
