import { expect, it } from 'vitest';
import { column, fixed, seconds } from '../../report/numbers.js';

it('a column has one precision, chosen by its largest number', () => {
  expect(column([12.3456, 1, 0.01234])).toEqual(['12.35', '1.00', '0.01']);
  expect(column([0.1234567, 0.5])).toEqual(['0.1235', '0.5000']);
  expect(column([12345.6, 2])).toEqual(['12346', '2']);
});

it('numbers that are missing or not finite are said, not hidden', () => {
  expect(column([1, null, undefined, NaN, Infinity, -Infinity], 1)).toEqual([
    '1.0',
    '–',
    '–',
    'NaN',
    '∞',
    '−∞',
  ]);
});

it('nothing is rounded to minus zero', () => {
  expect(fixed(-0.001, 2)).toBe('0.00');
});

it('times read as seconds, minutes or hours', () => {
  expect([seconds(8.44), seconds(59.99), seconds(75), seconds(3725), seconds(null)]).toEqual([
    ...['8.4 s', '60.0 s', '1:15 min', '1:02:05 h', '–'],
  ]);
});
