import fc from 'fast-check';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { cutEnd, cutList, cutMiddle, fitRows, foldLine } from '../../cli/terminal/fit-table.js';
import { resultsTableText, textTable } from '../../cli/terminal/tables.js';

const colours = pc.createColors(false);
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('fitRows', () => {
  const head = ['run', 'needs', 'key'];
  const shortenings = [
    { column: 1, least: 8, shorten: cutList },
    { column: 0, least: 12, shorten: cutMiddle },
  ];
  const word = fc.stringMatching(/^[a-z/@=,.]{0,60}$/);
  const row = fc.tuple(word, fc.array(word, { maxLength: 9 }), fc.constant('0123456789'));

  it('keeps every table within the width, and one that fits as it is', () => {
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 40, max: 200 }), (found, width) => {
        const rows = found.map(([name, needs, key]) => [name, needs.join(', '), key]);
        const plain = textTable(head, rows, () => false, colours);
        const fitted = fitRows(head, rows, width, shortenings);
        expect(widest(textTable(head, fitted, () => false, colours))).toBeLessThanOrEqual(width);
        if (widest(plain) <= width && rows.every((cells) => cells[2] !== ''))
          expect(fitted).toEqual(rows);
      }),
    );
  });

  it('shortens a name no more than the others leave it room for', () => {
    const name = 'attack/A-C/square@norm=l1,schedule=scaled,seed=1';
    const needs = Array.from({ length: 9 }, (_, i) => `attack/A-C/square@seed=${i}`).join(', ');
    const rows = [
      [name, 'curve/A-C', '0123456789'],
      ['summary/A-C', needs, '0123456789'],
    ];
    const lengthy = [{ column: 1, least: 24, shorten: cutList }, ...shortenings.toReversed()];
    const fitted = fitRows(head, rows, 75, [...lengthy, shortenings[0]!]);
    expect(fitted).toEqual([rows[0], ['summary/A-C', '9 runs', '0123456789']]);
  });

  it('counts no colours', () => {
    const painted = pc.createColors(true).green('done');
    const rows = [['x'.repeat(10), painted]];
    const ten = [{ column: 0, least: 4, shorten: cutEnd }];
    expect(fitRows(['', ''], rows, 16, ten)).toEqual(rows);
    expect(fitRows(['', ''], rows, 15, ten)).toEqual([['xxxxxxxx…', painted]]);
  });
});

describe('a text that is too long', () => {
  it('loses its end, its middle, or items of its list', () => {
    expect(cutEnd('waits for endpoint/A', 10)).toBe('waits for…');
    expect(cutMiddle('curve/A-B@seed=1,steps=200', 13)).toBe('curve/…ps=200');
    const list = 'endpoint/A, endpoint/B, endpoint/C';
    expect(cutList(list, 30)).toBe('endpoint/A and 2 more');
    expect(cutList(list, 33)).toBe('endpoint/A, endpoint/B and 1 more');
    expect(cutList(list, 10)).toBe('3 runs');
    expect(cutList('endpoint/with-a-long-name', 11)).toBe('endpo…-name');
  });

  it('is folded at its spaces', () => {
    expect(foldLine('sweep: a (2), b (3), c (4)', 14)).toBe('sweep: a (2),\n  b (3), c (4)');
    expect(foldLine('sweep: a (2)', Infinity)).toBe('sweep: a (2)');
  });
});

describe('a table of results', () => {
  const table = {
    title: 'a path',
    head: ['t', 'loss', 'error', 'length'],
    rows: [
      ['0.00', '0.1234', '12.50', '3.0000'],
      ['1.00', '0.5678', '13.75', '4.0000'],
    ],
  };

  it('goes on below with its first column, and loses nothing', () => {
    const text = resultsTableText(table, 20, colours);
    expect(widest(text)).toBeLessThanOrEqual(20);
    expect(text).toMatch(/^1\.00 +0\.5678 +13\.75$/m);
    expect(text).toMatch(/^1\.00 +4\.0000$/m);
    expect(resultsTableText(table, 80, colours)).toMatch(/^1\.00 +0\.5678 +13\.75 +4\.0000$/m);
  });
});
