/** Files that are no experiment text, refused by name: encodings, documents, keys, types. */
import { describe, expect, it } from 'vitest';
import { parseExperiment, parseExperimentWith } from '../../../experiment/file/document.js';
import { UserError } from '../../../experiment/errors.js';
import { decodeText } from '../../../experiment/reading/decode.js';
import { head } from '../sweep/sweeps.js';

const file = `${head}endpoints:\n  A: { seed: 1 }\n  B: { seed: 2 }\n`;

function message(text: string, ...set: readonly string[]): string {
  try {
    parseExperimentWith(text, 'x.yaml', set);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('the text was accepted');
}

describe('the bytes of a file', () => {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  const utf32 = (text: string) =>
    Buffer.from(Uint32Array.from(text, (c) => c.codePointAt(0)!).buffer);

  it.each([
    ['UTF-16 with a mark', utf16(`\ufeff${file}`), 'is UTF-16: save it as UTF-8'],
    ['UTF-16 without', utf16(file), 'is UTF-16: save it as UTF-8'],
    ['big-endian UTF-16', utf16(`\ufeff${file}`).swap16(), 'is UTF-16: save it as UTF-8'],
    ['big-endian UTF-16 without a mark', utf16(file).swap16(), 'is UTF-16: save it as UTF-8'],
    ['UTF-32', utf32(`\ufeff${file}`), 'is UTF-32: save it as UTF-8'],
    ['UTF-32 without a mark', utf32(file), 'is UTF-32: save it as UTF-8'],
    [
      'Latin-1',
      Buffer.from('a: 1\nb: Größe\n', 'latin1'),
      'the byte 0xF6 is no UTF-8 (it may be Latin-1',
    ],
  ])('that are %s are named so', (_, bytes, what) => {
    const decoded = decodeText(bytes);
    expect(decoded).toMatchObject({ ok: false });
    expect(decoded.ok ? '' : decoded.what).toContain(what);
    expect(decoded.ok || decoded.line).toBe(what.startsWith('the byte') ? 2 : null);
  });

  it('of UTF-8 are read, with its mark or without', () => {
    for (const text of ['Größe \u{1f600}\n', '', 'a']) {
      expect(decodeText(Buffer.from(text))).toEqual({ ok: true, text });
      expect(decodeText(Buffer.from(`\ufeff${text}`))).toEqual({ ok: true, text });
    }
  });
});

describe('a text', () => {
  it.each([
    ['with a NUL', `${file}description: "a \\0 b"\n`, 'x.yaml:7:1: description: a NUL character'],
    ['with a NUL in a name', `${file}"a\\0b": 1\n`, 'x.yaml:7:1: a\\u0000b: in a name, a NUL'],
    [
      'with half a character',
      `${file}description: "\\ud800"\n`,
      'x.yaml:7:1: description: half of a',
    ],
    ['with a raw NUL', `${file}description: a\0b\n`, 'x.yaml:7:15: the control character U+0000'],
    [
      'with an escape',
      `${file}description: \x1b[2J\n`,
      'x.yaml:7:14: the control character U+001B',
    ],
    [
      'of two documents',
      `${file}---\nname: y\n`,
      'x.yaml:7:1: a second document begins here (---)',
    ],
    [
      'with a merge key',
      `${file}  C:\n    <<: { seed: 3 }\n`,
      'x.yaml:8:5: << (a merge key) is not read',
    ],
    [
      'with a key twice',
      `${file}  A: { seed: 3 }\n`,
      'x.yaml:7:3: Map keys must be unique: "A" is in line 5',
    ],
    [
      'with a key twice, once quoted',
      `${head}endpoints: { 1: {}, "1": {} }\n`,
      'x.yaml:4:21: Map keys must be',
    ],
    [
      'with a list as a name',
      `${file}? [a]\n: 1\n`,
      'x.yaml:7:3: a list, a map or nothing stands where',
    ],
    ['with tabs', `${head}endpoints:\n\tA: 1\n`, 'Tabs are not allowed as indentation: use spaces'],
    ['with a tag', `${file}description: !!binary aGk=\n`, 'the tag !!binary is not read'],
    [
      'with a tag of its own',
      `${file}description: !x y\n`,
      'Unresolved tag: !x: leave the tag out',
    ],
    ['of YAML 1.1', `%YAML 1.1\n---\n${file}`, '%YAML 1.1: files are read as YAML 1.2'],
    ['that is empty', '', 'x.yaml: the file: it is empty; fields belong there'],
    ['of comments alone', '# later\n', 'x.yaml: the file: it is empty'],
    ['that is a list', '- name: x\n', 'x.yaml: the file: it holds a list'],
    ['that is one word', 'mnist\n', 'x.yaml: the file: it holds a single value'],
    [
      'of a number as its name',
      file.replace('name: x', 'name: 2024'),
      'x.yaml:1:1: name: 2024 is read as a number, where text belongs; put it in quotes',
    ],
    [
      'of true as its name',
      file.replace('name: x', 'name: true'),
      'x.yaml:1:1: name: true is read as a boolean',
    ],
    [
      'without its name',
      file.replace('name: x', 'name:'),
      'x.yaml:1:1: name: nothing stands where text belongs',
    ],
    [
      'with a number for an endpoint',
      `${file}curves: { C: { from: 1, to: B } }\n`,
      'x.yaml:7:16: curves.C.from: 1 is read as a number',
    ],
  ])('%s is refused in one line', (_, text, expected) => {
    const told = message(text);
    expect(told).toContain(expected);
    expect(told.split('\n')).toHaveLength(1);
  });

  it('of the command line must be text as well', () => {
    expect(message(file, 'description="a\\0b"')).toBe(
      '--set description="a\\0b": a NUL character (\\0), which the database cannot hold; take it out',
    );
  });

  it('may name entries by numbers, which are names as they are written', () => {
    const text = `${head}endpoints: { 1.0: { seed: 1 }, 2: { seed: 2 } }\ncurves: { true: { from: "1.0", to: "2" } }\n`;
    expect(Object.keys(parseExperiment(text, 'x.yaml').endpoints).sort()).toEqual(['1.0', '2']);
    expect(Object.keys(parseExperiment(text, 'x.yaml').curves)).toEqual(['true']);
    expect(parseExperimentWith(text, 'x.yaml', ['endpoints.2.seed=5']).endpoints['2']!.seed).toBe(
      5,
    );
  });
});
