import { expect, test } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import type { ReadBase } from '../../../experiment/file/extends.js';

const files: Readonly<Record<string, string>> = {
  base: [
    'name: base',
    'dataset: mnist',
    'model: cnn-small',
    'endpoints:',
    '  A: &a { seed: 1, epochs: 3 }',
    '  B: *a',
    'attacks:',
    '  pgd: { epsilon: 0.1, stepSize: 0.02, steps: 3, images: 10 }',
    '',
  ].join('\n'),
  colour: 'dataset: shapes32\n',
  wrong: 'extends: base\nname: wrong\nspectrum: { images: -1 }\n',
  ring: 'extends: round\nname: ring\n',
  round: 'extends: ring\nname: round\n',
};
const readBase: ReadBase = (name) => ({ text: files[name]!, source: `${name}.yaml` });
const parse = (text: string, ...assignments: string[]) =>
  parseExperimentWith(text, 'x.yaml', assignments, readBase);

test('a file that extends another has its fields, but for those it says itself', () => {
  const config = parse(
    'extends: base\nname: x\nendpoints:\n  A: { epochs: 5 }\n  C: { seed: 3 }\n',
  );
  expect(config).toMatchObject({ name: 'x', dataset: 'mnist' });
  expect(config.endpoints['A']).toMatchObject({ seed: 1, epochs: 5 });
  expect(config.endpoints['B']).toMatchObject({ seed: 1, epochs: 3 });
  expect(config.endpoints['C']).toMatchObject({ seed: 3, epochs: 2 });
});

test('of several files the first one that has a field decides it', () => {
  const { dataset, endpoints } = parse('extends: [colour, base]\nname: x\n');
  expect(dataset).toBe('shapes32');
  expect(Object.keys(endpoints)).toEqual(['A', 'B']);
});

test('null takes a field of the extended file away', () => {
  const { endpoints, attacks } = parse('extends: base\nattacks: null\nendpoints: { B: null }\n');
  expect(attacks).toEqual({});
  expect(Object.keys(endpoints)).toEqual(['A']);
});

test('what is set on the command line counts before both', () => {
  expect(parse('extends: base\n', 'endpoints.A.epochs=9').endpoints['A']!.epochs).toBe(9);
});

test('null on the command line takes a field away, whoever wrote it', () => {
  expect(Object.keys(parse('extends: base\n', 'endpoints.B=null').endpoints)).toEqual(['A']);
  expect(parse('extends: base\n', 'spectrum.top=null').spectrum).toBeUndefined();
});

test('a file that extends one which extends another has the fields of all three', () => {
  expect(parse('extends: wrong\nspectrum: { images: 3 }\n')).toMatchObject({
    name: 'wrong',
    model: 'cnn-small',
    spectrum: { images: 3 },
  });
});

test('a mistake is told in the file in which it is written', () => {
  expect(() => parse('extends: wrong\n')).toThrow(/^wrong\.yaml:3:13: spectrum\.images/);
  expect(() => parse('extends: base\nmodle: x\n')).toThrow(/^x\.yaml:2:1: unknown key "modle"/);
});

test('files that extend each other are refused with their ring', () => {
  expect(() => parse('extends: ring\nname: x\n')).toThrow(
    'ring.yaml extends round.yaml extends ring.yaml',
  );
  expect(() => parse('extends: [1]\n')).toThrow('x.yaml: extends: name presets or files');
});
