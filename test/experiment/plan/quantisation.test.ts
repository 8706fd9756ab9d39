// Quantised training in an experiment file: what is planned, what keeps its key, and what is refused.
import { describe, expect, test } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { noUserData, type UserData } from '../../../experiment/file/user-data.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';

const plan = (endpoint: string, model = 'cnn-small', own: UserData = noUserData) => {
  const text = `name: x
dataset: ${model.startsWith('preresnet') ? 'cifar10' : 'mnist'}
model: ${model}
endpoints: { A: { seed: 1 }, Q: { seed: 2, ${endpoint} } }
curves: { A-Q: { from: A, to: Q } }`;
  return planExperiment(parseExperimentWith(text, 'x.yaml', [], undefined, own), sha256).runs;
};
const spec = (endpoint: string, model?: string) => {
  const run = plan(endpoint, model).find(({ name }) => name === 'endpoint/Q');
  if (run?.spec.kind !== 'endpoint') throw new Error('no endpoint');
  return run.spec;
};

describe('is planned', () => {
  test('with the published relaxation, exact grids and the kernels of convolutions, unless told', () => {
    expect(spec('quantisation: { scheme: ternary }').quantisation).toEqual({
      ...{ grid: { scheme: 'ternary', variant: 'exact' }, per: 'tensor' },
      weights: ['conv1.weight', 'conv2.weight'],
      relaxation: { start: 1, growth: 1.05, hard: 0.6 },
    });
    expect(spec('quantisation: { scheme: uniform }').quantisation?.grid).toEqual({
      ...{ scheme: 'uniform', bits: 4 },
    });
  });

  test('without relaxation straight-through, and with dense layers where all are asked for', () => {
    const asked =
      'scheme: binary, method: straight-through, per: channel, layers: all, float: [first, last]';
    expect(spec(`quantisation: { ${asked} }`).quantisation).toEqual({
      ...{ grid: { scheme: 'binary' }, per: 'channel' },
      weights: ['conv2.weight', 'dense1.weight'],
    });
  });

  test('without shortcuts, unless they are asked for', () => {
    const weights = (more: string) =>
      spec(`quantisation: { scheme: binary${more} }`, 'preresnet26').quantisation!.weights;
    expect(weights('')).not.toContain('layer2.0.downsample.weight');
    expect(weights(', float: []')).toContain('layer2.0.downsample.weight');
    expect(weights(', float: [layer2.0.downsample]')).not.toContain('layer2.0.downsample.weight');
    expect(weights(', float: [first]')).not.toContain('conv1.weight');
  });

  test('from another endpoint, too', () => {
    const run = plan('from: A, quantisation: { scheme: binary }').find(
      ({ name }) => name === 'endpoint/Q',
    );
    expect(run?.needs.map(({ role }) => role)).toEqual(['from']);
  });
});

test('an endpoint without it has no field for it', () => {
  expect('quantisation' in spec('epochs: 1')).toBe(false);
});

describe('the trade-off', () => {
  const adversarial = 'epsilon: 0.1, stepSize: 0.02, steps: 2';

  test('has the published weights unless told, and pgd has the specification that it had', () => {
    const of = (more: string) => spec(`adversarial: { ${adversarial}${more} }`).adversarial;
    expect(of(', method: trade-off')?.tradeOff).toEqual({ clean: 1, adversarial: 8 });
    const told = of(', method: trade-off, weights: { clean: 0.5, adversarial: 0.5 }');
    expect(told?.tradeOff).toEqual({ clean: 0.5, adversarial: 0.5 });
    expect(of(', method: pgd')).toEqual(of(''));
    expect(of('')).not.toHaveProperty('tradeOff');
  });

  test('is the only method with weights', () => {
    const weights = 'weights: { clean: 1, adversarial: 1 }';
    expect(() => plan(`adversarial: { ${adversarial}, ${weights} }`)).toThrow(
      'endpoints.Q.adversarial.weights: needs method: trade-off',
    );
  });
});

const tanh = '{ layers: [flatten, { dense: 9 }, tanh, { dense: classes }] }';

test.each([
  ['scheme: binary, variant: twn', 'cnn-small', '.variant: needs scheme: ternary'],
  ['scheme: ternary, bits: 4', 'cnn-small', '.bits: needs scheme: uniform'],
  ['scheme: uniform, bits: 9', 'cnn-small', '.bits: '],
  ['scheme: binary, growth: 0.9', 'cnn-small', '.growth: '],
  [
    'scheme: binary, method: straight-through, hard: 0.5',
    'cnn-small',
    '.hard: needs method: binary-relax',
  ],
  ['scheme: binary', 'nemon', ': nemon has an implicit layer'],
  ['scheme: binary', tanh, '.layers: own-network has no convolution; set layers: all'],
  ['scheme: binary, float: [conv1, conv2]', 'cnn-small', '.float: no layer is left to quantise'],
  ['scheme: binary, float: [conv3]', 'cnn-small', '.float[0]: cnn-small has no layer "conv3"'],
])('refuses { %s } of %s', (fields, model, message) => {
  expect(() => plan(`quantisation: { ${fields} }`, model)).toThrow(
    `endpoints.Q.quantisation${message}`,
  );
});

test.each([
  ['from: A, prune: { fraction: 0.5 }', 'cnn-small', ': pruned weights stay zero'],
  ['sparsity: { density: 0.1 }', 'cnn-small', ': masked weights stay zero'],
  ['certified: { epsilon: 0.1 }', 'cnn-small', ': interval bounds are trained with float weights'],
  ['epochs: 0', 'preresnet26', ': without a step, batch-norm statistics'],
])('refuses it beside %s', (fields, model, message) => {
  expect(() => plan(`${fields}, quantisation: { scheme: binary }`, model)).toThrow(
    `endpoints.Q.quantisation${message}`,
  );
});

test('refuses it for endpoints that are not trained', () => {
  expect(() =>
    plan('from: A, noise: { scale: 0.1, other: A }, quantisation: { scheme: binary }'),
  ).toThrow('endpoints.Q.quantisation: an endpoint with noise is not trained; leave it out');
});
