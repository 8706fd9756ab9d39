/** The plan of an experiment: its runs in order, their points and data, and what is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../experiment/errors.js';
import type { Plan } from '../../../experiment/plan/plan.js';
import { grid } from '../../../experiment/kinds/parts/grid.js';
import { plan, written } from '../study.js';

describe('a plan', () => {
  it('lists every run after what it needs', () => {
    const seen = new Set<string>();
    for (const run of plan().runs) {
      for (const need of run.needs) expect(seen, run.name).toContain(need.run);
      seen.add(run.key);
    }
  });

  it('measures attacks and spectra on the fitted curve, and the line only without them', () => {
    const names = plan().runs.map(({ name }) => name);
    expect(names).toContain('evaluation/A-B/line');
    expect(names.filter((name) => /^(attack|spectrum).*line/.test(name))).toEqual([]);
    const without = plan({ ...written, evaluation: { straightLine: false } });
    expect(without.runs.filter(({ name }) => name.endsWith('/line'))).toEqual([]);
  });

  it('has points from 0 to 1 with both ends exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1001 }), (points) => {
        const t = grid(points);
        expect(t).toHaveLength(points);
        expect([t[0], t.at(-1)]).toEqual([0, 1]);
        expect([...t].sort((a, b) => a - b)).toEqual(t);
      }),
    );
  });

  it.each([
    [
      'an unknown endpoint',
      { curves: { x: { from: 'A', to: 'Z' } } },
      /curves\.x\.to: no endpoint is named "Z"/,
    ],
    [
      'a curve from an endpoint to itself',
      { curves: { x: { from: 'A', to: 'A' } } },
      /both ends are "A"/,
    ],
    [
      'a model that does not take its images',
      { model: 'vgg16' },
      /^model: vgg16 takes images of 32 x 32 pixels, not 28 x 28 as mnist has them$/,
    ],
    [
      'statistics of batch norm in a model that has none',
      { batchNorm: 'none' },
      /^batchNorm: cnn-small has no batch norm$/,
    ],
    [
      'dropout in a model that has none',
      { endpoints: { ...written.endpoints, B: { seed: 20, dropout: 0.5 } } },
      /^endpoints\.B\.dropout: cnn-small has no dropout$/,
    ],
    ['more images than the test set has', { spectrum: { images: 10_001 } }, /10000 test images/],
    [
      'more images than the training set has',
      { weightSpectrum: { images: 60_001 } },
      /^weightSpectrum\.images: 60001 asked for, mnist has 60000 train images$/,
    ],
    [
      'the same run under two names',
      { endpoints: { A: { seed: 1 }, B: { seed: 1 } }, curves: {} },
      /are the same run/,
    ],
  ])('is refused for %s', (_, change, expected) => {
    const attempt = (): Plan => plan({ ...written, ...change });
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(expected);
  });
});

describe('the source of batch norm statistics', () => {
  const sources = (change: object): unknown[] =>
    plan({ ...written, dataset: 'shapes32', ...change }).runs.flatMap(({ spec }) =>
      'path' in spec && 't' in spec ? [spec.batchNorm] : [],
    );

  it('is the training set unless the file says otherwise, and absent without batch norm', () => {
    expect(new Set(sources({ model: 'preresnet26' }))).toEqual(new Set(['train']));
    expect(new Set(sources({ model: 'preresnet26', batchNorm: 'none' }))).toEqual(
      new Set(['none']),
    );
    expect(new Set(sources({}))).toEqual(new Set([undefined]));
  });
});

describe('the worst case over attacks', () => {
  const strongest = (attacks: object) =>
    plan({ ...written, attacks }).runs.filter(({ spec }) => spec.kind === 'strongest');
  const pgd = { epsilon: 0.1, stepSize: 0.025, steps: 5, images: 200 };

  it('is planned for attacks with one threat model on the same images', () => {
    const others = {
      fgsm: { ...pgd, steps: 1 },
      square: { method: 'square', epsilon: 0.1, images: 200 },
    };
    const [first, ...more] = strongest({ pgd, ...others, far: { ...pgd, epsilon: 0.2 } });
    expect(first).toMatchObject({
      ...{ name: 'strongest/A-B', queue: 'cpu' },
      spec: { groups: [['fgsm', 'pgd', 'square']] },
    });
    expect(first!.needs.map(({ role }) => role).sort()).toEqual([
      ...['attack:fgsm', 'attack:pgd', 'attack:square'],
    ]);
    expect(more.map(({ name }) => name)).toEqual(['strongest/A-C']);
  });

  it.each<[string, object]>([
    ['of other radius', { epsilon: 0.2 }],
    ['of another norm', { norm: 'l2' }],
    ['of other images', { images: 100 }],
    ['at other t', { points: 3 }],
    ['towards a class', { target: { class: 1 } }],
  ])('leaves out an attack %s', (_, change) => {
    expect(strongest({ pgd, other: { ...pgd, ...change } })).toEqual([]);
  });
});

describe('the images on which statistics of batch norm are estimated', () => {
  const augmentation = { flip: true, padding: 4 };
  const estimation = (change: object) => {
    const { runs } = plan({ ...written, dataset: 'shapes32', model: 'preresnet26', ...change });
    return runs.flatMap(({ name, spec }) => {
      if (!('path' in spec && 't' in spec)) return [];
      const { statisticsImages = null, statisticsAugmentation = null } = spec;
      return [[name, statisticsImages, statisticsAugmentation]];
    });
  };

  it('are augmented like those that the curve is fitted to, for every run along it', () => {
    const plain = estimation({});
    expect(plain.map(([, ...rest]) => rest)).toEqual(plain.map(() => [null, null]));
    const { 'A-B': first, 'A-C': second } = written.curves;
    const curves = { 'A-B': { ...first, augmentation }, 'A-C': { ...second, augmentation } };
    const augmented = estimation({ curves });
    expect(augmented.length).toBe(plain.length);
    expect(augmented.map(([, ...rest]) => rest)).toEqual(augmented.map(() => [null, augmentation]));
    expect(estimation({ curves, batchNorm: 'none' })).toEqual(plain);
  });

  it('are the first ones where the file says so', () => {
    const some = estimation({ batchNormImages: 1000 });
    expect(some.map(([, ...rest]) => rest)).toEqual(some.map(() => [1000, null]));
  });
});

describe('the straight line', () => {
  it('is planned once for curves of any family, bends and seed between the same ends', () => {
    const ends = { from: 'A', to: 'B' };
    const { runs } = plan({
      ...written,
      curves: { two: { ...ends, bends: 2 }, one: ends, chain: { ...ends, family: 'polychain' } },
    });
    const lines = runs.filter(({ spec }) => 'path' in spec && spec.path === 'line');
    expect(lines.map(({ name }) => name)).toEqual(['evaluation/chain/line', 'summary/chain/line']);
    expect(runs.filter(({ spec }) => spec.kind === 'evaluation')).toHaveLength(4);
  });
});
