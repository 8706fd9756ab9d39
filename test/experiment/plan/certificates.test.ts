// Certificates in an experiment file: what is planned, what is refused, and which attacks they are checked against.
import { expect, test } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { noUserData, type UserData } from '../../../experiment/file/user-data.js';
import type { ModuleModel } from '../../../experiment/catalogue/models/own-model.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';

const file = (more: string, model = 'nemon', endpoint = '') => `name: x
dataset: mnist
model: ${model}
endpoints: { A: { seed: 1${endpoint} }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
${more}`;

const plan = (text: string, own: UserData = noUserData) =>
  planExperiment(parseExperimentWith(text, 'x.yaml', [], undefined, own), sha256);
const certify = (fields: string) => `certificates: { mm: { ${fields} } }`;

const attacks = `attacks:
  pgd: { epsilon: 8/255, stepSize: 0.01, steps: 5, images: 100, points: 3 }
  other: { epsilon: 0.1, stepSize: 0.01, steps: 5, images: 100, points: 3 }
`;

test('a certificate is a run along the curve, checked against attacks of its radii', () => {
  const { runs } = plan(file(attacks + certify('epsilons: [0, 8/255], images: 100, points: 3')));
  const certificate = runs.find(({ name }) => name === 'certificate/A-B/mm');
  expect(certificate?.spec).toMatchObject({
    ...{ kind: 'certificate', epsilons: [0, 8 / 255], methods: ['relative'], images: 100 },
    t: [0, 0.5, 1],
  });
  const strongest = runs.find(({ name }) => name === 'strongest/A-B');
  expect(strongest?.spec).toMatchObject({
    certified: [{ certificate: 'mm', epsilon: 8 / 255, attacks: ['pgd'] }],
  });
  expect(strongest?.needs.map(({ role }) => role)).toEqual(['attack:pgd', 'certificate:mm']);
});

test('attacks on other images, or at other t, are not compared', () => {
  for (const fields of ['images: 99, points: 3', 'images: 100, points: 5']) {
    const { runs } = plan(file(attacks + certify(`epsilons: [8/255], ${fields}`)));
    expect(runs.some(({ spec }) => spec.kind === 'strongest')).toBe(false);
  }
});

test.each([
  ['epsilons: [0.1, 1.5]', 'certificates.mm.epsilons[1]: pixels are in [0,1]: give at most 1'],
  ['epsilons: [0.1, 300/255]', 'certificates.mm.epsilons[1]: pixels are in [0,1]: give at most 1'],
  ['epsilons: [-0.1]', 'certificates.mm.epsilons[0]: too small: expected number to be >=0'],
  ['epsilons: [0.1, 0.1]', 'certificates.mm.epsilons.1: 0.1 is there twice'],
  ['epsilons: [0.1], images: 10001', 'certificates.mm.images: 10001 asked for'],
])('refuses %s', (fields, message) => {
  expect(() => plan(file(certify(fields)))).toThrow(message);
});

test('refuses a Lipschitz certificate of a network without an implicit layer', () => {
  const text = file(certify('epsilons: [0.1], methods: [box, lipschitz]'), 'cnn-small');
  expect(() => plan(text)).toThrow(
    'certificates.mm.methods.1: there is no certificate "lipschitz" of cnn-small: lipschitz takes an implicit layer',
  );
});

const negative = '{ leaky-relu: -0.5 }';

test.each([
  ['layers[1]', `[flatten, ${negative}, { dense: classes }]`],
  [
    'layers[2].residual.body[0]',
    `[flatten, { dense: 9 }, { residual: { body: [${negative}, { dense: 9 }] } }, { dense: classes }]`,
  ],
])('names the layer without an interval rule, %s', (at, layers) => {
  const reason = `its ${at}, leaky-relu with a negative slope, has no interval rule`;
  expect(() => plan(file(certify('epsilons: [0.1]'), `{ layers: ${layers} }`))).toThrow(
    `certificates.mm.methods.0: there is no certificate "relative" of own-network: ${reason}`,
  );
  expect(() => plan(file('', `{ layers: ${layers} }`, ', certified: { epsilon: 0.1 }'))).toThrow(
    `endpoints.A.certified: own-network cannot be trained so: ${reason}`,
  );
});

test('leaky ReLU that rises has an interval rule inside a block as well', () => {
  const layers = '[flatten, { residual: { body: [leaky-relu] } }, { dense: classes }]';
  const text = file(certify('epsilons: [0.1]'), `{ layers: ${layers} }`);
  expect(plan(text).runs.some(({ name }) => name === 'certificate/A-B/mm')).toBe(true);
});

test('refuses a model for one end of a curve alone, written or swept', () => {
  const message =
    'unknown key "endpoints.A.model": there is one model for the whole experiment, at the top of the file';
  expect(() => plan(file('', 'nemon', ', model: cnn-small'))).toThrow(message);
  const swept = ', sweep: { grid: { model: [nemon, cnn-small] } }';
  expect(() => plan(file('', 'nemon', swept))).toThrow(message);
});

test('refuses certificates and certified training of a module, which has no interval rules', () => {
  const module: ModuleModel = {
    ...{ name: 'net', module: { digest: 'ab'.repeat(32), bytes: 100 } },
    input: { shape: [28, 28, 1], classes: 10 },
    parameters: [{ name: 'w', shape: [784, 10], initial: { kind: 'normal', deviation: 0.1 } }],
    ...{ products: 7840, drops: false },
    withoutTangent: { images: null, weights: null },
  };
  const own: UserData = { ...noUserData, modules: new Map([['./net.js', module]]) };
  expect(() => plan(file(certify('epsilons: [0.1]'), './net.js'), own)).toThrow(
    'certificates.mm.methods.0: there is no certificate "relative" of net: a module has no interval rules',
  );
  expect(() => plan(file('', './net.js', ', certified: { epsilon: 0.1 }'), own)).toThrow(
    'endpoints.A.certified: net cannot be trained so: a module has no interval rules',
  );
});

test('refuses certified training beside adversarial training, and of batch norm', () => {
  const both =
    ', certified: { epsilon: 0.1 }, adversarial: { epsilon: 0.1, stepSize: 0.1, steps: 1 }';
  expect(() => plan(file('', 'nemon', both))).toThrow('endpoints.A.certified: bounds hold for');
  const layers = '{ layers: [flatten, { dense: 9 }, batch-norm, { dense: classes }] }';
  expect(() => plan(file('', layers, ', certified: { epsilon: 0.1 }'))).toThrow('batch norm');
});

test('certified training and Adam are part of the recipe, and of no other', () => {
  const spec = (endpoint: string) => plan(file('', 'nemon', endpoint)).runs[0]!.spec;
  expect(spec(', certified: { epsilon: 8/255 }, optimiser: adam')).toMatchObject({
    certified: { epsilon: 8 / 255, kappa: 0.75, begin: 0.25, end: 0.5 },
    recipe: { optimiser: 'adam' },
  });
  expect(JSON.stringify(spec(''))).not.toMatch(/certified|optimiser/);
});

test('the summary of a path with certificates takes them up, and no other summary is another run', () => {
  const summary = (more: string) =>
    plan(file(more)).runs.find(({ name }) => name === 'summary/A-B')!;
  const certified = summary(certify('epsilons: [0.1]'));
  expect(certified.spec).toMatchObject({ certified: true });
  expect(certified.needs.map(({ role }) => role)).toContain('certificate:mm');
  expect(JSON.stringify(summary('').spec)).not.toContain('certified');
});
