/** Names of runs: text to record and back, with the labels that sweeps append. */
import { expect, it } from 'vitest';
import {
  acceptedNames,
  appendLabel,
  formatRunName,
  parseRunName,
  runName,
  splitLabel,
} from '../../../experiment/specs/run-name.js';

it('a name is parsed to the record that it was formatted from', () => {
  const names = [
    runName('endpoint', 'A'),
    runName('evaluation', 'A-B', 'line'),
    runName('attack', 'A-B@from.seed=1', 'pgd@eps=8:255'),
  ];
  expect(names.map(formatRunName)).toEqual([
    'endpoint/A',
    'evaluation/A-B/line',
    'attack/A-B@from.seed=1/pgd@eps=8:255',
  ]);
  for (const name of names) expect(parseRunName(formatRunName(name))).toEqual(name);
});

it('a label is appended to the last part, after the labels that it has', () => {
  expect(appendLabel('attack/A-B@seed=1/pgd', 'model=mlp')).toBe('attack/A-B@seed=1/pgd@model=mlp');
  expect(appendLabel('A@seed=1', 'model=mlp')).toBe('A@seed=1,model=mlp');
  expect(appendLabel('A', '')).toBe('A');
});

it('a label is what stands after the first @, and an entry may be asked for before each', () => {
  expect(splitLabel('A')).toEqual({ source: 'A', label: null });
  expect(splitLabel('A@x=1@y=2')).toEqual({ source: 'A', label: 'x=1@y=2' });
  expect(acceptedNames('A@x=1@y=2')).toEqual(['A', 'A@x=1', 'A@x=1@y=2']);
});
