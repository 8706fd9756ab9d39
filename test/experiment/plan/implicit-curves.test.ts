// Curves of implicit networks in an experiment file: how their layers mix, and certified training of curves.
import { expect, test } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { noUserData } from '../../../experiment/file/user-data.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';

const file = (curve: string, model = 'nemon', more = '') => `name: x
dataset: mnist
model: ${model}
endpoints: { A: { seed: 1 }, B: { seed: 2 }${more} }
curves: { A-B: { from: A, to: B${curve} } }
certificates: { mm: { epsilons: [0.1] } }`;

const plan = (text: string) =>
  planExperiment(parseExperimentWith(text, 'x.yaml', [], undefined, noUserData), sha256);

const specOf = (text: string, run: string) =>
  plan(text).runs.find(({ name }) => name === run)!.spec;

test.each([
  [', implicit: parameters', 'parameters'],
  [', implicit: coupling', 'coupling'],
])('a curve%s and all that is measured along it mix the %s', (written, implicit) => {
  const text = file(written, 'nemon', ', C: { onCurve: { curve: A-B, t: 0.5 } }');
  const runs = ['curve/A-B', 'evaluation/A-B', 'evaluation/A-B/line', 'certificate/A-B/mm'];
  for (const run of [...runs, 'endpoint/C']) expect(specOf(text, run)).toMatchObject({ implicit });
  expect(specOf(text, 'endpoint/A')).not.toHaveProperty('implicit');
});

test('a curve that does not say is the run that it was before there was a choice', () => {
  for (const model of ['nemon', 'mlp']) {
    expect(JSON.stringify(plan(file('', model)).runs)).not.toContain('"implicit"');
  }
});

test('curves between the same ends have a straight line for each way to mix', () => {
  const text = file('').replace('A-B: {', 'A-B-C: { from: A, to: B, implicit: coupling }, A-B: {');
  const lines = plan(text).runs.filter(({ name }) => /^evaluation\/.*\/line$/.test(name));
  expect(lines.map(({ spec }) => 'implicit' in spec)).toEqual([false, true]);
});

const tanh =
  '{ layers: [flatten, { implicit: { units: 9, activation: tanh } }, { dense: classes }] }';
const bare = '{ layers: [flatten, { implicit: 9 }, relu, { dense: classes }] }';

test.each([
  ['mlp', 'coupling', 'mlp has no implicit layer; leave it out'],
  ['mlp', 'parameters', 'mlp has no implicit layer; leave it out'],
  [tanh, 'coupling', 'implicit1 has tanh, which does not commute with a gauge of the norm'],
  [bare, 'coupling', 'no dense layer follows implicit1; use implicit: parameters'],
])('refuses for %s: implicit: %s', (model, implicit, message) => {
  expect(() => plan(file(`, implicit: ${implicit}`, model))).toThrow(
    `curves.A-B.implicit: ${message}`,
  );
});

test('both of these networks mix their parameters', () => {
  for (const model of [tanh, bare]) {
    expect(specOf(file(', implicit: parameters', model), 'curve/A-B')).toHaveProperty('implicit');
  }
});

test('a curve is trained for certificates as an endpoint is, and says so', () => {
  const text = file(', certified: { epsilon: 8/255, levels: 4 }');
  expect(specOf(text, 'curve/A-B')).toMatchObject({
    certified: { epsilon: 8 / 255, kappa: 0.75, begin: 0.25, end: 0.5, levels: 4 },
  });
  const { summary } = plan(text).runs.find(({ name }) => name === 'curve/A-B')!;
  expect(summary).toContain('certified bezier');
  expect(specOf(file(''), 'curve/A-B')).not.toHaveProperty('certified');
});

test('refuses certified curves beside an attack, and of networks without bounds', () => {
  const attacked = ', adversarial: { epsilon: 0.1, stepSize: 0.1, steps: 1 }';
  expect(() => plan(file(`, certified: { epsilon: 0.1 }${attacked}`))).toThrow(
    'curves.A-B.certified: bounds hold for every attack',
  );
  const model = '{ layers: [flatten, { dense: 9 }, batch-norm, { dense: classes }] }';
  expect(() => plan(file(', certified: { epsilon: 0.1 }', model))).toThrow(
    'curves.A-B.certified: own-network cannot be trained so: batch norm',
  );
});
