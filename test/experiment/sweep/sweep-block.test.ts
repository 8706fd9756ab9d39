/** The rows of a sweep block: grids, zips, unions and draws, and what is left out of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandBlock } from '../../../experiment/sweep/block.js';
import { rowLabel } from '../../../experiment/sweep/rows.js';
import { sweepSchema } from '../../../experiment/sweep/schema.js';

function labels(block: unknown): readonly string[] {
  return expandBlock(sweepSchema.parse(block), ['sweep']).map(rowLabel);
}

describe('a sweep block', () => {
  it('multiplies the axes of a grid, pairs those of a zip, and adds up a union', () => {
    expect(labels({ grid: { a: [1, 2], b: ['x', 'y', 'z'] } })).toHaveLength(6);
    expect(labels({ zip: { a: [1, 2], b: [3, 4] } })).toEqual(['a=1,b=3', 'a=2,b=4']);
    expect(labels({ union: [{ grid: { a: [1, 2] } }, { list: [{ a: 2 }, { b: 9 }] }] })).toEqual([
      'a=1',
      'a=2',
      'b=9',
    ]);
    expect(labels({ grid: { a: [1, 2] }, zip: { b: [1, 2], c: [3, 4] } })).toHaveLength(4);
  });

  it('has as many rows as the product of its lists, each once, in any order of its keys', () => {
    const axes = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 4 }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(axes, (grid) => {
        const found = labels({ grid });
        const size = Object.values(grid).reduce((product, { length }) => product * length, 1);
        expect(new Set(found).size).toBe(size);
        const backwards = Object.fromEntries(Object.entries(grid).reverse());
        expect(labels({ grid: backwards })).toEqual(found);
      }),
    );
  });

  it('leaves out exactly the rows that fit an exclusion', () => {
    const values = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 9 }), (a, b, bound) => {
        const excluded = a.filter((x) => x < bound).length * b.filter((x) => x >= bound).length;
        fc.pre(excluded < a.length * b.length);
        const exclude = { a: { lt: bound }, b: { gte: bound } };
        const left = labels({ grid: { a, b }, exclude });
        expect(left).toHaveLength(a.length * b.length - excluded);
        expect(labels({ grid: { a, b }, exclude: [exclude, exclude] })).toEqual(left);
      }),
    );
  });

  it.each([
    [{ a: 1 }, ['a=2', 'a=3']],
    [{ a: [1, 3] }, ['a=2']],
    [{ a: { not: 1 } }, ['a=1']],
    [{ a: { not: [1, 2] } }, ['a=1', 'a=2']],
    [{ a: { gt: 1, lte: 2 } }, ['a=1', 'a=3']],
  ])('without %j keeps %j', (exclude, kept) => {
    expect(labels({ grid: { a: [1, 2, 3] }, exclude })).toEqual(kept);
  });

  it('gives more axes to the rows of a `when` and leaves the others as they are', () => {
    const when = [{ if: { family: 'polychain' }, grid: { bends: [1, 3] } }];
    expect(labels({ grid: { family: ['bezier', 'polychain'] }, when })).toEqual([
      'family=bezier',
      'bends=1,family=polychain',
      'bends=3,family=polychain',
    ]);
  });

  it('draws the same values whatever the other axes are, and the same first ones when n grows', () => {
    const of = { lr: { logUniform: [0.001, 0.1] }, seed: { int: [1, 1000] } };
    const [few, many] = [5, 9].map((n) => labels({ random: { n, seed: 7, of } }));
    expect(many!.slice(0, 5)).toEqual(few);
    const alone = labels({ random: { n: 5, seed: 7, of: { seed: of.seed } } });
    expect(few!.map((label) => label.split(',')[1])).toEqual(alone);
    expect(labels({ random: { n: 5, seed: 8, of } })).not.toEqual(few);
  });

  it('draws inside its range, about as often in each decade of a logarithmic one', () => {
    const rows = labels({ random: { n: 3000, of: { x: { logUniform: [0.001, 1] } } } });
    const drawn = rows.map((label) => Number(label.split('=')[1]));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.001);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1);
    const low = drawn.filter((x) => x < 0.01).length / drawn.length;
    expect(low).toBeGreaterThan(0.3);
    expect(low).toBeLessThan(0.37);
  });
});
