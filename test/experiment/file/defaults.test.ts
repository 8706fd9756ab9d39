import { expect, test } from 'vitest';
import { parseExperiment } from '../../../experiment/file/document.js';

const parse = (...lines: string[]) =>
  parseExperiment(
    ['name: x', 'dataset: mnist', 'model: cnn-small', ...lines, ''].join('\n'),
    'x.yaml',
  );

test('entries have what the defaults of their section say, unless they say otherwise', () => {
  const { endpoints, curves, attacks } = parse(
    'defaults:',
    '  endpoints: { epochs: 7, learningRate: 0.1 }',
    '  curves: { epochs: 3 }',
    '  attacks: { epsilon: 0.3, stepSize: 0.1 }',
    'endpoints: { A: { seed: 1 }, B: { seed: 2, epochs: 1 } }',
    'curves: { A-B: { from: A, to: B } }',
    'attacks: { pgd: { steps: 3, images: 10 } }',
  );
  expect(endpoints['A']).toMatchObject({ epochs: 7, learningRate: 0.1 });
  expect(endpoints['B']).toMatchObject({ epochs: 1, learningRate: 0.1 });
  expect(curves['A-B']).toMatchObject({ epochs: 3, learningRate: 0.015 });
  expect(attacks['pgd']).toMatchObject({ epsilon: 0.3, stepSize: 0.1, steps: 3 });
});

test('attacks have those that their method knows, and not the step of another', () => {
  const { attacks } = parse(
    'defaults: { attacks: { epsilon: 0.3, stepSize: 0.1, images: 10, steps: 7 } }',
    'endpoints: { A: { seed: 1 } }',
    'attacks: { plain: {}, auto: { method: autoattack }, black-box: { method: square } }',
  );
  expect(attacks['plain']).toMatchObject({ epsilon: 0.3, stepSize: 0.1, steps: 7 });
  expect(attacks['auto']).toMatchObject({ epsilon: 0.3, steps: 7 });
  expect(attacks['auto']).not.toHaveProperty('stepSize');
  expect(attacks['black-box']).not.toHaveProperty('steps');
  const wrong = ['defaults: { attacks: { stepsize: 1 } }', 'endpoints: { A: { seed: 1 } }'];
  const auto = 'attacks: { auto: { method: autoattack, epsilon: 0.1, images: 9 } }';
  expect(() => parse(...wrong, auto)).toThrow(
    /^x\.yaml:4:24: unknown key "attacks\.auto\.stepsize"/,
  );
});

test('those of adversarial training go where it is used', () => {
  const { endpoints } = parse(
    'defaults: { adversarial: { epsilon: 0.2, stepSize: 0.05, steps: 5 } }',
    'endpoints: { A: { seed: 1 }, R: { seed: 2, adversarial: { steps: 2 } } }',
  );
  expect(endpoints['A']!.adversarial).toBeUndefined();
  expect(endpoints['R']!.adversarial).toMatchObject({ epsilon: 0.2, steps: 2 });
});

test('those of quantisation go where it is used', () => {
  const { endpoints } = parse(
    'defaults: { quantisation: { growth: 2, layers: all } }',
    'endpoints: { A: { seed: 1 }, Q: { seed: 2, quantisation: { scheme: binary, growth: 3 } } }',
  );
  expect(endpoints['A']!.quantisation).toBeUndefined();
  expect(endpoints['Q']!.quantisation).toMatchObject({ growth: 3, layers: 'all' });
  const wrong = 'endpoints: { Q: { seed: 2, quantisation: { scheme: binary } } }';
  expect(() => parse('defaults: { quantisation: { groth: 2 } }', wrong)).toThrow(
    /^x\.yaml:4:29: unknown key "endpoints\.Q\.quantisation\.groth"/,
  );
});

test('what a sweep sets counts before the defaults, and can be the defaults themselves', () => {
  const swept = parse(
    'defaults: { endpoints: { epochs: 7 } }',
    'endpoints: { A: { seed: 1, sweep: { grid: { epochs: [1, 2] } } } }',
  );
  expect(Object.values(swept.endpoints).map(({ epochs }) => epochs)).toEqual([1, 2]);
  const whole = parse(
    'endpoints: { A: { seed: 1 } }',
    'sweep: { grid: { defaults.endpoints.epochs: [3, 4] } }',
  );
  expect(whole.sweep!.cases).toHaveLength(2);
  expect(whole.endpoints['A']!.epochs).toBe(3);
});

test('a mistake in them is told where they are written', () => {
  const wrong = ['defaults: { endpoints: { epoch: 7 } }', 'endpoints: { A: { seed: 1 } }'];
  expect(() => parse(...wrong)).toThrow(/^x\.yaml:4:26: unknown key "endpoints\.A\.epoch"/);
  expect(() => parse('defaults: { endpoint: {} }', 'endpoints: { A: { seed: 1 } }')).toThrow(
    /^x\.yaml:4:13: .*did you mean "endpoints"/,
  );
});
