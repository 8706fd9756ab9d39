import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createColours } from '../../cli/terminal/colours.js';
import { resultsTableText } from '../../cli/terminal/tables.js';

const coloured = (isTTY: boolean, env: Readonly<Record<string, string>>): boolean =>
  createColours({ isTTY }, env).isColorSupported;

describe('colours', () => {
  it('are shown on a terminal, and not in a pipe, a file or a CI log', () => {
    expect(coloured(true, { TERM: 'xterm' })).toBe(true);
    expect(coloured(true, { TERM: 'dumb' })).toBe(false);
    expect(coloured(false, { TERM: 'xterm', CI: 'true' })).toBe(false);
  });

  it('are there where FORCE_COLOR asks for them, and nowhere under NO_COLOR', () => {
    expect(coloured(false, { FORCE_COLOR: '1' })).toBe(true);
    expect(coloured(true, { FORCE_COLOR: '0' })).toBe(false);
    expect(coloured(true, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });

  it('of a table take no width, and none of its text', () => {
    const table = { title: 'a path', head: ['t', 'loss'], rows: [['0.00', '0.1234']] };
    const painted = resultsTableText(table, 20, createColours({}, { FORCE_COLOR: '1' }));
    const plain = resultsTableText(table, 20, createColours({}, {}));
    expect(painted).toContain('\u001b[1m');
    expect(stripVTControlCharacters(painted)).toBe(plain);
  });
});
