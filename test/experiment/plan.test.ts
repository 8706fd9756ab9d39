import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { experimentSchema, type ExperimentConfig } from '../../experiment/config.js';
import { UserError } from '../../experiment/errors.js';
import { planExperiment, type Plan } from '../../experiment/plan.js';
import { grid } from '../../experiment/plan/grid.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const written = {
  name: 'study',
  dataset: 'mnist',
  model: 'cnn-small',
  endpoints: {
    A: { seed: 10 },
    B: { seed: 20 },
    D: { seed: 40 },
    C: { seed: 30, adversarial: { epsilon: 0.2, stepSize: 0.05, steps: 5 } },
  },
  curves: { 'A-B': { from: 'A', to: 'B', seed: 10 }, 'A-C': { from: 'A', to: 'C', seed: 20 } },
  attacks: {
    weak: { epsilon: 0.05, stepSize: 0.02, steps: 3, images: 100 },
    strong: { epsilon: 0.1, stepSize: 0.02, steps: 10, images: 100 },
  },
  spectrum: { images: 32 },
};

function plan(input: unknown = written): Plan {
  return planExperiment(experimentSchema.parse(input), sha256);
}

function keys({ runs }: Plan): Record<string, string> {
  return Object.fromEntries(runs.map(({ name, key }) => [name, key]));
}

/** Names of the runs whose keys are not those of the experiment as it is written. */
function changedRuns(input: unknown): string[] {
  const before = keys(plan());
  return Object.entries(keys(plan(input)))
    .filter(([name, key]) => before[name] !== key)
    .map(([name]) => name)
    .sort();
}

/** The same value with the keys of every map in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, shuffled(inner, random)] as const,
  );
  return Object.fromEntries(
    entries
      .map((entry) => [random(), entry] as const)
      .sort(([a], [b]) => a - b)
      .map(([, entry]) => entry),
  );
}

describe('identity', () => {
  it('does not depend on the order of the keys in the file', () => {
    const expected = plan();
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (stream) => {
        const random = (): number => stream.next().value as number;
        const other = plan(shuffled(written, random));
        expect(other.signature).toBe(expected.signature);
        expect(other.runs).toEqual(expected.runs);
      }),
      { numRuns: 50 },
    );
  });

  it('does not depend on the description or on how the experiment is executed', () => {
    const expected = plan();
    fc.assert(
      fc.property(
        fc.string({ maxLength: 50 }),
        fc.integer({ min: 1, max: 500 }),
        (description, concurrency) => {
          const other = plan({ ...written, description, execution: { concurrency } });
          expect(other.signature).toBe(expected.signature);
          expect(keys(other)).toEqual(keys(expected));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is the same whether a default is written or left out', () => {
    const explicit = plan(plan().config);
    expect(explicit.signature).toBe(plan().signature);
    expect(explicit.runs).toEqual(plan().runs);
  });

  it('changes with every other field', () => {
    const { config } = plan();
    const signatures = new Set([plan().signature]);
    const same = ['description', 'execution'];
    const fields = leaves(config).filter(([[head]]) => !same.includes(head!));
    expect(fields.length).toBeGreaterThan(60);
    for (const [path, value] of fields) {
      const changed = replaced(config, path, other(path, value)) as ExperimentConfig;
      const { signature } = planExperiment(changed, sha256);
      expect(signatures, path.join('.')).not.toContain(signature);
      signatures.add(signature);
    }
  });
});

/** Every scalar of a configuration with its path. */
function leaves(value: unknown, path: readonly string[] = []): [readonly string[], unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** Something else of the same type that a plan can be made of. */
function other(path: readonly string[], value: unknown): unknown {
  if (typeof value === 'number') return path.at(-1) === 'images' ? value - 1 : value + 1;
  if (typeof value === 'boolean') return !value;
  if (path[0] === 'model') return 'mlp';
  if (path[0] === 'dataset') return 'fashion-mnist';
  const isEnd = path[0] === 'curves' && ['from', 'to'].includes(path.at(-1)!);
  return isEnd ? 'D' : `${String(value)}x`;
}

function replaced(value: unknown, [head, ...rest]: readonly string[], leaf: unknown): unknown {
  if (head === undefined) return leaf;
  const record = value as Record<string, unknown>;
  return { ...record, [head]: replaced(record[head], rest, leaf) };
}

describe('run keys', () => {
  it('of an endpoint change with its seed, and so do those of all that needs it', () => {
    const endpoints = { ...written.endpoints, B: { seed: 9 } };
    expect(changedRuns({ ...written, endpoints })).toEqual(
      [
        'endpoint/B',
        ...plan()
          .runs.map(({ name }) => name)
          .filter((name) => name.includes('/A-B')),
      ].sort(),
    );
  });

  it('of one attack change with its strength, and nothing else but the summary', () => {
    const attacks = { ...written.attacks, weak: { ...written.attacks.weak, steps: 4 } };
    expect(changedRuns({ ...written, attacks })).toEqual([
      'attack/A-B/weak',
      'attack/A-C/weak',
      'summary/A-B',
      'summary/A-C',
    ]);
  });

  it('do not change with the name of the experiment: another study finds its results', () => {
    expect(changedRuns({ ...written, name: 'other' })).toEqual([]);
    expect(plan({ ...written, name: 'other' }).id).not.toBe(plan().id);
  });

  it('are 64 hexadecimal digits and all different', () => {
    const all = Object.values(keys(plan()));
    expect(new Set(all).size).toBe(all.length);
    for (const key of all) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('what is measured only if it is asked for', () => {
  const specOf = (name: string, input: unknown): unknown =>
    plan(input).runs.find((run) => run.name === name)!.spec;
  const strong = { ...written.attacks.strong };

  it('is not in the key: neither a restart that is the only one, nor what is left out', () => {
    const attacks = { ...written.attacks, strong: { ...strong, restarts: 1 } };
    expect(changedRuns({ ...written, attacks })).toEqual([]);
    const spectrum = { ...written.spectrum, meanHessian: false };
    expect(changedRuns({ ...written, spectrum })).toEqual([]);
    expect(Object.keys(specOf('spectrum/A-B', written) as object).sort()).toEqual(
      [
        ...['kind', 'variable', 'operator', 'images', 'maxSteps', 'tolerance', 'seed'],
        ...['dataset', 'model', 'path', 'family', 't'],
      ].sort(),
    );
  });

  it('changes the run that measures it, and the summaries that read it', () => {
    const attacks = { ...written.attacks, strong: { ...strong, restarts: 5 } };
    const [a, b] = ['summary/A-B', 'summary/A-C'];
    expect(changedRuns({ ...written, attacks })).toEqual([
      ...['attack/A-B/strong', 'attack/A-C/strong', a, b],
    ]);
    const spectrum = { images: 200, operator: 'hessian', top: 2, compat: 'published' };
    expect(specOf('spectrum/A-B', { ...written, spectrum })).toMatchObject({
      top: 2,
      published: { batchSize: 200, reduction: 'mean', maxSteps: 10, tolerance: 0.01 },
    });
  });

  it('adds a run beside the others when it is the curvature in the weights', () => {
    const weightSpectrum = { images: 64, split: 'test', trace: {} };
    const wider = { ...written, weightSpectrum };
    expect(changedRuns(wider)).toEqual(['weight-spectrum/A-B', 'weight-spectrum/A-C']);
    expect(specOf('weight-spectrum/A-B', wider)).toMatchObject({
      ...{ kind: 'spectrum', variable: 'weights', reduction: 'mean', split: 'test', images: 64 },
      ...{ top: 1, trace: { probes: 16 } },
    });
    expect(specOf('weight-spectrum/A-B', wider)).not.toHaveProperty('density');
  });

  it.each([
    [
      'restarts of an attack that starts at the image',
      { attacks: { x: { ...strong, randomStart: false, restarts: 2 } } },
      ['attacks', 'x', 'restarts'],
    ],
    [
      'both ends without the Hessian itself',
      { spectrum: { images: 9, top: 2 } },
      ['spectrum', 'top'],
    ],
    [
      'more eigenvalues than steps',
      { weightSpectrum: { images: 9, top: 4, maxSteps: 7 } },
      ['weightSpectrum', 'top'],
    ],
    [
      'the published eigenvalue of less than a batch',
      { spectrum: { images: 199, compat: 'published' } },
      ['spectrum', 'images'],
    ],
  ])('is refused where it makes no sense: %s', (_, change, path) => {
    const { error } = experimentSchema.safeParse({ ...written, ...change });
    expect(error!.issues.map((issue) => issue.path)).toEqual([path]);
  });
});

describe('the source of batch norm statistics', () => {
  const sources = (change: object): unknown[] =>
    plan({ ...written, dataset: 'shapes32', ...change }).runs.flatMap(({ spec }) =>
      'path' in spec && spec.kind !== 'summary' ? [spec.batchNorm] : [],
    );

  it('is the training set unless the file says otherwise, and absent without batch norm', () => {
    expect(new Set(sources({ model: 'preresnet26' }))).toEqual(new Set(['train']));
    expect(new Set(sources({ model: 'preresnet26', batchNorm: 'none' }))).toEqual(
      new Set(['none']),
    );
    expect(new Set(sources({}))).toEqual(new Set([undefined]));
  });
});

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
