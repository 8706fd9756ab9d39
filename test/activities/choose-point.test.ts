import { expect, test } from 'vitest';
import { choosePoint } from '../../activities/choose-point.js';

function chosen(validation: readonly number[], margin = 0.1): Record<string, number> {
  const test = [0.1, 0.5, 0.2, 0.4, 0.3, 0.6, 0.7, 0.8, 0.9, 1, 0.05];
  const rows = validation.flatMap((value, i) => [
    { series: 'validation_nll', x: i / 10, value },
    { series: 'test_nll', x: i / 10, value: test[i]! },
    { series: 'attack_success:a', x: i / 10, value: 10 * i },
    { series: 'arc_length', x: i / 10, value: i },
  ]);
  const found = choosePoint([{ role: 'evaluation', rows: rows.reverse() }], margin);
  expect(found.every(({ x }) => x === 0)).toBe(true);
  return Object.fromEntries(found.map(({ series, value }) => [series, value]));
}

test('t is chosen by the validation images between the margins, and the oracle goes by the test images', () => {
  expect(chosen([0, 5, 5, 5, 5, 5, 1, 1, 5, 5, 0])).toEqual({
    ...{ 'chosen.t': 0.6, 'chosen.validation_nll': 1, 'chosen.test_nll': 0.7 },
    ...{ 'chosen.attack_success:a': 60, 'oracle.t': 0.2, 'oracle.validation_nll': 5 },
    ...{ 'oracle.test_nll': 0.2, 'oracle.attack_success:a': 20 },
  });
});

test('the margins themselves may be chosen, and with none so may the ends', () => {
  expect(chosen([0, 1, 5, 5, 5, 5, 5, 5, 5, 2, 0])['chosen.t']).toBe(0.1);
  expect(chosen([0, 2, 5, 5, 5, 5, 5, 5, 5, 1, 0])['chosen.t']).toBe(0.9);
  expect(chosen([5, 2, 5, 5, 5, 5, 5, 5, 5, 1, 0], 0)['chosen.t']).toBe(1);
});

test('what is not a number is not chosen; where nothing is one the choice is none', () => {
  expect(chosen([0, NaN, 5, 5, 5, 5, 5, 5, 5, 6, 0])['chosen.t']).toBe(0.2);
  const none = chosen(new Array<number>(11).fill(NaN));
  expect(none['chosen.t']).toBeNaN();
  expect(none).not.toHaveProperty('chosen.test_nll');
});
