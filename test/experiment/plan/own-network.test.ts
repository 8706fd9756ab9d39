/** Networks that experiment files write themselves: what is read, checked and in the keys of runs. */
import { describe, expect, test } from 'vitest';
import { modelLayers } from '../../../experiment/catalogue/models/index.js';
import { layerShapes } from '../../../experiment/catalogue/models/layer-shapes.js';
import type { LayersModel, ModuleModel } from '../../../experiment/catalogue/models/own-model.js';
import { experimentSchema } from '../../../experiment/experiment.js';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { noUserData, type UserData } from '../../../experiment/file/user-data.js';
import { semanticVersions } from '../../../experiment/kinds/index.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';
import { whyStale } from '../../../experiment/plan/stale.js';
import { startOptions } from '../../../experiment/plan/start-options.js';
import { runWork } from '../../../experiment/plan/work.js';
import { sha256 } from '../../stores/results/plans.js';

const asCnnSmall = `
    - conv: { filters: 16, size: 3 }
    - max-pool: 2
    - relu
    - conv: { filters: 32, size: 3, stride: 1, padding: 1, bias: true }
    - max-pool: { size: 2, stride: 2 }
    - relu: {}
    - flatten
    - dense: 100
    - relu:
    - dense: classes`;

const file = (layers: string, more = '', head = '') => `name: x
dataset: mnist
model:${head}
  layers:${layers}
endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
${more}`;

const module: ModuleModel = {
  ...{ name: 'net', module: { digest: 'ab'.repeat(32), bytes: 100 } },
  input: { shape: [28, 28, 1], classes: 10 },
  parameters: [{ name: 'w', shape: [784, 10], initial: { kind: 'normal', deviation: 0.1 } }],
  ...{ products: 7840, drops: false },
  withoutTangent: { images: 'Elu', weights: null },
};
const withModules: UserData = { ...noUserData, modules: new Map([['./net.js', module]]) };

const read = (text: string, own = noUserData) =>
  parseExperimentWith(text, 'x.yaml', [], undefined, own);
const plan = (text: string, own = noUserData): Plan => planExperiment(read(text, own), sha256);
const keys = ({ runs }: Plan) => runs.map(({ key }) => key);
const own = (layers: string): LayersModel => read(file(layers)).model as LayersModel;

describe('layers', () => {
  test('become the records that networks of the catalogue are written in', () => {
    expect(own(asCnnSmall)).toEqual({
      name: 'own-network',
      architecture: modelLayers('cnn-small'),
    });
  });

  test('of every kind are read, with their defaults', () => {
    const layers = `
    - scale: 0.25
    - normalise: { mean: [0.5], std: [0.25] }
    - conv: { filters: 4, size: 5, stride: 2, padding: 0, bias: false, initial: fan-out-normal, name: stem }
    - batch-norm
    - batch-norm: { momentum: 0.3 }
    - leaky-relu
    - leaky-relu: 0.2
    - softplus
    - residual:
        body: [{ conv: { filters: 8, size: 3 } }, tanh]
        shortcut: [{ conv: { filters: 8, size: 1 } }]
    - avg-pool: { size: 2, stride: 1 }
    - avg-pool: 3
    - dropout
    - global-avg-pool
    - dense: { units: classes, initial: fan-in-uniform, name: head }`;
    const initial = 'he-normal';
    expect(own(layers).architecture).toEqual([
      { kind: 'normalise', mean: [0], deviation: [4] },
      { kind: 'normalise', mean: [0.5], deviation: [0.25] },
      {
        ...{ kind: 'convolution', name: 'stem', filters: 4, size: 5, stride: 2, padding: 0 },
        ...{ bias: false, initial: 'fan-out-normal' },
      },
      { kind: 'batch-norm', name: 'bn1' },
      { kind: 'batch-norm', name: 'bn2', momentum: 0.3 },
      { kind: 'leaky-relu' },
      { kind: 'leaky-relu', slope: 0.2 },
      { kind: 'softplus' },
      {
        ...{ kind: 'residual', name: 'residual1' },
        branch: [
          { kind: 'convolution', name: 'conv1', filters: 8, size: 3, initial },
          { kind: 'tanh' },
        ],
        // The names of a block's parts lie side by side.
        shortcut: [{ kind: 'convolution', name: 'conv2', filters: 8, size: 1, initial }],
      },
      { kind: 'average-pool', size: 2, stride: 1 },
      { kind: 'average-pool', size: 3, stride: 3 },
      { kind: 'dropout' },
      { kind: 'global-average-pool' },
      { kind: 'dense', name: 'head', units: 'classes', initial: 'fan-in-uniform' },
    ]);
  });

  test('are in the configuration and every run; a stored configuration is read again as it was', () => {
    const { config, runs } = plan(file(asCnnSmall));
    expect(runs.find(({ name }) => name === 'endpoint/A')!.spec).toMatchObject({
      model: config.model,
    });
    expect(experimentSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  test('decide the keys, their name does not', () => {
    const first = plan(file(asCnnSmall));
    const renamed = plan(file(asCnnSmall, '', '\n  name: mine'));
    expect(keys(renamed)).toEqual(keys(first));
    expect(renamed.signature).toBe(first.signature);
    const other = plan(file(asCnnSmall.replace('dense: 100', 'dense: 101')));
    expect(keys(other).filter((key) => keys(first).includes(key))).toEqual([]);
  });

  test('have a name for people', () => {
    const mine = plan(file(asCnnSmall, '', '\n  name: mine'));
    expect(startOptions(mine).staticSummary).toContain('mine on mnist');
    expect(mine.runs[0]!.summary).toContain(' mine, seed 1');
  });

  test('are swept over like names', () => {
    const layers = '{ layers: [flatten, { dense: classes }] }';
    const { runs } = plan(
      `${file(asCnnSmall)}sweep: { grid: { model: [mlp, ${layers}, ./net.js] } }\n`,
      withModules,
    );
    const models = runs.flatMap(({ spec, name }) =>
      name.startsWith('endpoint/A') && 'model' in spec ? [spec.model] : [],
    );
    expect(models).toContain('mlp');
    expect(models).toContainEqual(module);
    expect(models).toContainEqual(
      expect.objectContaining({ architecture: [{ kind: 'flatten' }, expect.anything()] }),
    );
  });

  test('give networks of other layers work and staleness of their own', () => {
    const [a, b] = [asCnnSmall, asCnnSmall.replace('dense: 100', 'dense: 50')].map(
      (layers) => plan(file(layers)).runs[0]!,
    );
    expect(runWork(a!.spec).group).not.toBe(runWork(b!.spec).group);
    const { key, name, spec } = a!;
    const former = { key, name, spec, version: semanticVersions[spec.kind], needs: [] };
    expect(whyStale(b!, former, () => undefined, sha256)).toMatch(
      /^spec: model layers \w+ → layers \w+$/,
    );
  });
});

test('the shape after each layer, and the parameters, those inside blocks included', () => {
  const block = `
    - conv: { filters: 4, size: 3, stride: 2 }
    - residual: { body: [batch-norm, { conv: { filters: 4, size: 3 } }], shortcut: [relu] }
    - flatten
    - dense: classes`;
  const rows = layerShapes(own(block).architecture, [28, 28, 1], 10);
  expect(rows.map(({ at, layer, shape, parameters }) => [at, layer, shape, parameters])).toEqual([
    ['layers[0]', 'conv conv1', [14, 14, 4], 40],
    ['layers[1]', 'residual residual1', [14, 14, 4], 156],
    ['layers[1].residual.body[0]', 'batch-norm bn1', [14, 14, 4], 8],
    ['layers[1].residual.body[1]', 'conv conv1', [14, 14, 4], 148],
    ['layers[1].residual.shortcut[0]', 'relu', [14, 14, 4], 0],
    ['layers[2]', 'flatten', [784], 0],
    ['layers[3]', 'dense dense1', [10], 7850],
  ]);
});

describe('what is wrong is refused in one line', () => {
  const known =
    'relu, softplus, tanh, flatten, dropout, global-avg-pool, conv, dense, batch-norm, max-pool, avg-pool, leaky-relu, implicit, scale, normalise, residual';
  test.each([
    ['- rleu', '5:7: model.layers[0]: no layer is called "rleu" (did you mean "relu"?)'],
    ['- transformer', `5:7: model.layers[0]: no layer is called "transformer" (known: ${known})`],
    [
      '- cnov: { filters: 3 }',
      '5:7: model.layers[0]: no layer is called "cnov" (did you mean "conv"?)',
    ],
    [
      '- conv: { filters: 0, size: 3 }',
      '5:15: model.layers[0].conv.filters: too small: expected number to be >=1',
    ],
    [
      '- conv: { filers: 4, size: 3 }',
      '5:7: model.layers[0].conv: unknown key "filers" (did you mean "filters"?)',
    ],
    [
      '- conv: { size: 3 }',
      '5:7: model.layers[0].conv.filters: invalid input: expected number, received undefined',
    ],
    [
      '- conv',
      '5:7: model.layers[0].conv.filters: invalid input: expected number, received undefined',
    ],
    ['- dense: many', '5:7: model.layers[0].dense: give a number, or classes'],
    [
      '- dense: { units: 0 }',
      '5:16: model.layers[0].dense.units: too small: expected number to be >=1',
    ],
    ['- max-pool: 0', '5:7: model.layers[0].max-pool: too small: expected number to be >=1'],
    ['- relu: 3', '5:7: model.layers[0].relu: has no fields: write - relu'],
    [
      '- { relu: {}, tanh: {} }',
      '5:7: model.layers[0]: write one layer, such as relu or conv: { filters: 16, size: 3 }, not relu, tanh together',
    ],
    [
      '- 3',
      '5:7: model.layers[0]: write one layer, such as relu or conv: { filters: 16, size: 3 }',
    ],
    [
      '- residual: { body: [relu, realu] }',
      '5:32: model.layers[0].residual.body[1]: no layer is called "realu" (did you mean "relu"?)',
    ],
    [
      '- residual: { body: [] }',
      '5:19: model.layers[0].residual.body: too small: expected array to have >=1 items',
    ],
    ['- scale: 0', '5:7: model.layers[0].scale: too small: expected number to be >0'],
    [
      '- normalise: { mean: [0], std: [0] }',
      '5:37: model.layers[0].normalise.std[0]: too small: expected number to be >0',
    ],
    [
      '- conv: { filters: 4, size: 3, name: "a b" }',
      '5:36: model.layers[0].conv.name: use letters, digits, "_", "-" and "."',
    ],
  ])('%s', (layer, message) => {
    expect(() => read(file(`\n    ${layer}`))).toThrow(
      expect.objectContaining({ kind: 'bad-input', message: `x.yaml:${message}` }),
    );
  });

  test.each([
    ['model: {}', 'model.layers: give a list of layers'],
    ['model: { layers: [] }', 'model.layers: give at least one layer'],
    ['model: { layers: relu }', 'model.layers: give a list of layers'],
    ['model: { layres: [relu] }', 'model: unknown key "layres" (did you mean "layers"?)'],
    [
      'model: [relu]',
      'model: give the name of a network, its layers, or a module (./my-network.js)',
    ],
    ['model: ./other.js', 'model: the module ./other.js cannot be read here'],
    [
      'model: cnn-smal',
      expect.stringMatching(
        /^x\.yaml:3:\d+: model: must be one of cnn-small, .* \(did you mean "cnn-small"\?\)$/,
      ),
    ],
  ])('%s', (model, message) => {
    const text = file('').replace(/model:\n {2}layers:/, model);
    const expected =
      typeof message === 'string' ? expect.stringMatching(/^x\.yaml:3:\d+: /) : message;
    expect(() => read(text, withModules)).toThrow(
      expect.objectContaining({ kind: 'bad-input', message: expected }),
    );
    if (typeof message === 'string') expect(() => read(text, withModules)).toThrow(message);
  });

  test.each([
    [
      '[{ dense: 10 }]',
      'model.layers[0] (dense dense1), after 28 x 28 x 1: dense1 takes features, not 28 x 28 x 1: flatten them first',
    ],
    [
      '[flatten, { conv: { filters: 4, size: 3 } }]',
      'model.layers[1] (conv conv1), after 784: conv1 takes images, not 784 features',
    ],
    [
      '[{ conv: { filters: 4, size: 2 } }]',
      'model.layers[0] (conv conv1), after 28 x 28 x 1: conv1: kernels of an even size need a padding of their own',
    ],
    [
      '[{ max-pool: 14 }, { max-pool: 3 }]',
      'model.layers[1] (max-pool), after 2 x 2 x 1: a window of 3 pixels does not fit into 2',
    ],
    [
      '[{ residual: { body: [{ conv: { filters: 4, size: 3, stride: 2 } }] } }]',
      'model.layers[0] (residual residual1), after 28 x 28 x 1: residual1: the branch gives 14 x 14 x 4, the shortcut 28 x 28 x 1',
    ],
    [
      '[{ residual: { body: [flatten, { max-pool: 2 }] } }]',
      'model.layers[0].residual.body[1] (max-pool), after 784: max-pool takes images, not 784 features',
    ],
    [
      '[{ normalise: { mean: [0, 0, 0], std: [1, 1, 1] } }]',
      'model.layers[0] (normalise), after 28 x 28 x 1: normalise has 3 means and 3 deviations for 1 channels',
    ],
    [
      '[flatten, { dense: 9 }]',
      'model.layers[1] (dense dense1) ends in 9, where the 10 classes of mnist belong: end with flatten and dense: classes',
    ],
    [
      '[{ conv: { filters: 10, size: 3 } }]',
      'model.layers[0] (conv conv1) ends in 28 x 28 x 10, where the 10 classes of mnist belong: end with flatten and dense: classes',
    ],
    [
      '[flatten, { dense: { units: 10, name: a } }, { dense: { units: 10, name: a } }]',
      'model: two tensors are called a.weight',
    ],
    [
      '[flatten, { dense: 100000 }, { dense: 100000 }, { dense: classes }]',
      'model: 40318400040 bytes of weights; at most 2147483648',
    ],
  ])('%s', (layers, message) => {
    expect(() => plan(file(` ${layers}`))).toThrow(
      expect.objectContaining({ kind: 'bad-input', message }),
    );
  });
});

describe('a module', () => {
  const text = file('').replace(/model:\n {2}layers:/, 'model: ./net.js');

  test('stands in runs with its digest, which alone is in their keys', () => {
    const { config, runs } = plan(text, withModules);
    expect(config.model).toEqual(module);
    expect(experimentSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
    const renamed = { ...noUserData, modules: new Map([['./net.js', { ...module, name: 'b' }]]) };
    expect(keys(plan(text, renamed))).toEqual(keys({ runs } as Plan));
    const changed = { ...module, module: { digest: 'cd'.repeat(32), bytes: 100 } };
    const other = { ...noUserData, modules: new Map([['./net.js', changed]]) };
    const common = keys(plan(text, other)).filter((key) => runs.some((run) => run.key === key));
    expect(common).toEqual([]);
  });

  test.each([
    ['spectrum: { images: 8, operator: hessian }', 'spectrum.operator: hessian: spectrum/A-B'],
    ['spectrum: { images: 8, meanHessian: true }', 'spectrum.meanHessian: spectrum/A-B'],
    ['spectrum: { images: 200, compat: published }', 'spectrum.compat: published: spectrum/A-B'],
  ])('without second derivatives is refused for %s', (section, asked) => {
    expect(() => plan(`${text}${section}\n`, withModules)).toThrow(
      `${asked} needs second derivatives in the images, and net uses Elu, which has none`,
    );
  });

  test('is not refused where no run needs those that it lacks', () => {
    const sections = 'spectrum: { images: 8 }\nweightSpectrum: { images: 100 }\n';
    expect(plan(`${text}${sections}`, withModules).runs.length).toBeGreaterThan(5);
    const weights = { images: null, weights: 'Elu' };
    const lacking = new Map([['./net.js', { ...module, withoutTangent: weights }]]);
    expect(() => plan(`${text}${sections}`, { ...noUserData, modules: lacking })).toThrow(
      'weightSpectrum: weight-spectrum/A-B needs second derivatives in the weights',
    );
  });

  test('is refused for other images than it was examined for, and for a dropout that it lacks', () => {
    const colour = text.replace('dataset: mnist', 'dataset: cifar10');
    expect(() => plan(colour, withModules)).toThrow(
      'model: net was examined for 28 x 28 x 1 images of 10 classes, and cifar10 has 32 x 32 x 3 images of 10 classes',
    );
    const dropping = text.replace('A: { seed: 1 }', 'A: { seed: 1, dropout: 0.5 }');
    expect(() => plan(dropping, withModules)).toThrow('endpoints.A.dropout: net has no dropout');
  });
});
