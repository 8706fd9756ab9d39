/** The catalogue of series: whole entries, and rows that only a declared series of their kind can have. */
import { describe, expect, test } from 'vitest';
import {
  craftedAt,
  seriesCatalogue,
  seriesEntry,
  seriesTables,
} from '../../../experiment/kinds/series.js';
import type { SeriesTable } from '../../../experiment/catalogue/series/entry.js';
import { absent } from '../../../experiment/records/quantity.js';
import { row, rows } from '../../../experiment/records/rows.js';
import type { EngineContext } from '../../../engine/toolkit/context.js';

const place = { x: 0.5, n: 10 };

describe('rows', () => {
  test('hold the series that were measured, and the n of what is not finite', () => {
    expect(
      rows('attack', place, {
        clean_nll: 0.25,
        robust_nll: Infinity,
        targeted_success: null,
        attack_random: absent('no-values', 0),
      }),
    ).toEqual([
      { series: 'clean_nll', x: 0.5, value: 0.25 },
      { series: 'robust_nll', x: 0.5, value: Infinity, n: 10, reason: 'overflow' },
      { series: 'attack_random', x: 0.5, value: NaN, n: 0, reason: 'no-values' },
    ]);
  });

  test('of a family carry the name or the t after it', () => {
    expect(row('evaluation', 'attack_success:square', place, 90).series).toBe(
      'attack_success:square',
    );
    expect(row('transfer', craftedAt('transfer_error', 0.25), place, 4).series).toBe(
      'transfer_error@0.25',
    );
  });

  test('of an undeclared series are a type error, and thrown where the compiler cannot see them', () => {
    // @ts-expect-error no kind declares it
    expect(() => row('attack', 'robust_eror', place, 1)).toThrow('robust_eror is no series');
    // @ts-expect-error a series of evaluations
    expect(() => rows('attack', place, { test_nll: 1 })).toThrow('test_nll is no series of attack');
    // @ts-expect-error a family of transfers has a number after its @
    row('transfer', 'transfer_error@end', place, 1);
    // @ts-expect-error not a family
    row('evaluation', 'test_nll:square', place, 1);
    const computed = ['robust', 'nl'].join('_');
    expect(() => rows('attack', place, { [computed]: 1 })).toThrow('robust_nl is no series');
  });

  test('are all that a body can report', () => {
    const report = (context: EngineContext) => {
      context.metrics(rows('attack', place, { robust_nll: 1 }));
      // @ts-expect-error written out, and declared by no kind
      context.metrics([{ series: 'robust_eror', x: 0, value: 1 }]);
    };
    expect(report).toBeTypeOf('function');
  });
});

describe('the catalogue', () => {
  const tables: readonly SeriesTable[] = Object.values(seriesTables);

  test('declares a series that several kinds share alike in all of them', () => {
    for (const table of tables) {
      for (const [name, entry] of Object.entries(table)) {
        expect(seriesCatalogue[name]).toBe(entry);
      }
    }
  });

  test('knows the series of a family by the family', () => {
    expect(seriesEntry('injection_success:B')).toBe(seriesCatalogue['injection_success']);
    expect(seriesEntry('robust_eror')).toBeUndefined();
  });
});
