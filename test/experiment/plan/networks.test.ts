// Planning of endpoints that are made of others and of curves: order, keys, needs, and what is refused.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../../../experiment/experiment.js';
import { parseExperiment } from '../../../experiment/file/document.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const planned = (text: string): Plan => planExperiment(parseExperiment(text, 'x.yaml'), sha256);
const head = 'name: x\ndataset: mnist\nmodel: cnn-small\n';

const study = `${head}
injections: { faults: { images: 100 } }
endpoints:
  # Z comes last by name and first by need.
  A: { from: Z, inject: faults }
  B: { onCurve: { curve: late, t: 0.25 } }
  C: { seed: 3, from: A, prune: { fraction: 0.3 } }
  N: { from: Z, noise: { scale: 1, other: C }, seed: 4 }
  S: { seed: 5, spawn: { seed: 1, step: 100 } }
  Z: { seed: 1 }
curves:
  early: { from: B, to: S }
  late: { from: Z, to: C }
evaluation: { endpoints: [Z, C] }
`;

describe('the order of a plan', () => {
  it('has every run after what it needs, whatever the names', () => {
    const { runs } = planned(study);
    const seen = new Set<string>();
    for (const run of runs) {
      for (const need of run.needs) expect(seen, `${run.name} ${need.role}`).toContain(need.run);
      seen.add(run.key);
    }
    const position = (name: string) => runs.findIndex((run) => run.name === name);
    expect(position('curve/late')).toBeLessThan(position('endpoint/B'));
    expect(position('endpoint/B')).toBeLessThan(position('curve/early'));
  });

  it('looks for the injections of all that a network was made of', () => {
    const { runs } = planned(study);
    const looked = (name: string) =>
      runs
        .find((run) => run.name === name)!
        .needs.filter(({ role }) => role.startsWith('injection:'))
        .map(({ role }) => role);
    expect(looked('evaluation/late')).toEqual(['injection:A']);
    expect(looked('evaluation/late/line')).toEqual(['injection:A']);
    expect(looked('evaluation/early')).toEqual(['injection:A']); // by way of B and the other curve
    expect(looked('evaluation/C/alone')).toEqual(['injection:A']);
    expect(looked('evaluation/Z/alone')).toEqual(['injection:A']); // was made of none
  });
});

describe('the key of an endpoint', () => {
  const key = (endpoints: string, name = 'endpoint/E') =>
    planned(`${head}endpoints:\n${endpoints}\n`).runs.find((run) => run.name === name)!.key;
  const pgd = 'epsilon: 0.1, stepSize: 0.05, steps: 2';

  it('is the same whether a default method is written or not, and follows beta and the spawn', () => {
    expect(key(`  E: { seed: 1, adversarial: { ${pgd}, method: pgd } }`)).toBe(
      key(`  E: { seed: 1, adversarial: { ${pgd} } }`),
    );
    const trades = `  E: { seed: 1, adversarial: { ${pgd}, method: trades } }`;
    expect(key(trades)).toBe(key(trades.replace('trades', 'trades, beta: 6')));
    const others = [
      ...[trades, trades.replace('trades', 'trades, beta: 5'), '  E: { seed: 1 }'],
      ...['  E: { seed: 1, spawn: { seed: 1, step: 5 } }'],
      ...['  E: { seed: 1, spawn: { seed: 1, step: 6 } }'],
    ];
    expect(new Set(others.map((one) => key(one))).size).toBe(others.length);
  });

  it('is that of before where the default schedule is written, and follows any other', () => {
    const plain = key('  E: { seed: 1 }');
    const scheduled = (schedule: string) => key(`  E: { seed: 1, schedule: { ${schedule} } }`);
    expect(scheduled('kind: half-linear')).toBe(plain);
    expect(scheduled('kind: cosine')).toBe(scheduled('kind: cosine, warmup: 0, end: 0'));
    const fast = key('  E: { seed: 1, adversarial: { method: fast, epsilon: 0.08 } }');
    const written = `  E: { seed: 1, adversarial: { method: fast, epsilon: 0.08, stepSize: 0.1, steps: 1, overfitting: fail } }`;
    expect(fast).toBe(key(written));
    const one = `  E: { seed: 1, adversarial: { epsilon: 0.08, stepSize: 0.1, steps: 1 } }`;
    const keys = [
      ...[plain, fast, key(one), key(written.replace('fail', 'record'))],
      ...['cosine', 'one-cycle', 'cosine, end: 0.1'].map((how) => scheduled(`kind: ${how}`)),
      scheduled('kind: piecewise, points: [[0, 1]]'),
      scheduled('kind: piecewise, points: [[0, 1]], interpolation: constant'),
      key('  E: { seed: 1, labelSmoothing: 0.1 }'),
      key('  E: { seed: 1, augmentation: {} }'),
      key('  E: { seed: 1, augmentation: { erasing: {} } }'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('follows what it is made of', () => {
    const made = (seed: number) => `  C: { seed: ${seed} }\n  E: { seed: 1, from: C }`;
    expect(key(made(8))).not.toBe(key(made(9)));
  });
});

describe('a sweep of the whole experiment', () => {
  it('names every run after the axes that can reach it, by whatever way', () => {
    const swept = `${study}sweep: { grid: { endpoints.Z.seed: [1, 2] } }\n`;
    const names = planned(swept).runs.map(({ name }) => name);
    expect(names).toContain('endpoint/B@endpoints.Z.seed=2');
    expect(names).toContain('evaluation/C/alone@endpoints.Z.seed=2');
    expect(names).toContain('curve/early@endpoints.Z.seed=1');
    expect(names).toContain('endpoint/S');
    const injection = `${study}sweep: { grid: { injections.faults.seed: [1, 2] } }\n`;
    const further = planned(injection).runs.map(({ name }) => name);
    expect(further).toContain('endpoint/A@injections.faults.seed=2');
    expect(further).toContain('endpoint/Z');
  });

  it('lets a name stand for all that its own sweep made of it', () => {
    const text = `${head}endpoints:\n  A: { sweep: { grid: { seed: [1, 2] } } }\nevaluation: { endpoints: [A] }\n`;
    const names = planned(text).runs.map(({ name }) => name);
    expect(names).toContain('evaluation/A@seed=1/alone');
    expect(names).toContain('evaluation/A@seed=2/alone');
  });
});

describe('is refused', () => {
  const adversarial = (more: string) =>
    `E: { seed: 1, adversarial: { epsilon: 0.1, stepSize: 0.05, steps: 2, ${more} } }`;
  it.each([
    [
      'E: { from: E, seed: 1 }',
      /endpoints\.E: it needs itself \(endpoints\.E needs endpoints\.E\)/,
    ],
    [
      'E: { from: F, seed: 1 }\n  F: { from: E, seed: 2 }',
      /endpoints\.E: it needs itself \(endpoints\.E needs endpoints\.F needs endpoints\.E\)/,
    ],
    ['E: { from: X, seed: 1 }', /endpoints\.E\.from: no endpoint is named "X"/],
    ['E: { onCurve: { curve: X, t: 0.5 } }', /endpoints\.E\.onCurve\.curve: no curve is named "X"/],
    [
      'C: { seed: 1 }\n  E: { from: C, noise: { scale: 1, other: X }, seed: 1 }',
      /endpoints\.E\.noise\.other: no endpoint is named "X"/,
    ],
    [
      'C: { seed: 1 }\n  E: { from: C, inject: X }',
      /endpoints\.E\.inject: no injection is named "X"/,
    ],
    [
      'C: { seed: 1 }\n  E: { from: C, prune: { fraction: 0.03 }, seed: 2 }',
      /endpoints\.E\.prune\.fraction: 0\.03 of 32 filters, the most .* is 0\.96: none would be pruned/,
    ],
    ['E: { inject: faults }', /endpoints\.E\.inject: say `from`/],
    ['E: { seed: 1, prune: { fraction: 0.3 } }', /endpoints\.E\.prune: say `from`/],
    ['E: { epochs: 1 }', /endpoints\.E\.seed: give a seed/],
    [
      'C: { seed: 1 }\n  E: { from: C, inject: faults, epochs: 3 }',
      /endpoints\.E\.epochs: an endpoint with inject is not trained; leave it out/,
    ],
    [
      'C: { seed: 1 }\n  E: { from: C, inject: faults, seed: 3 }',
      /endpoints\.E\.seed: an endpoint with inject/,
    ],
    [
      'C: { seed: 1 }\n  E: { from: C, inject: faults, onCurve: { curve: X, t: 0 } }',
      /endpoints\.E\.onCurve: there is inject already/,
    ],
    [
      'E: { seed: 1, spawn: { seed: 2, step: 938 } }',
      /endpoints\.E\.spawn\.step: its training has 938 steps/,
    ],
    [
      'C: { seed: 1 }\n  E: { seed: 1, from: C, spawn: { seed: 2, step: 9 } }',
      /endpoints\.E\.spawn: needs a start of its own/,
    ],
    [adversarial('method: fast'), /adversarial\.steps: fast takes 1 step/],
    [adversarial('method: fast, randomStart: false'), /randomStart: fast begins at a random point/],
    [adversarial('overfitting: record'), /adversarial\.overfitting: needs method: fast/],
    ['E: { seed: 1, adversarial: { epsilon: 0.1, steps: 2 } }', /stepSize: give the length/],
    ['E: { seed: 1, adversarial: { epsilon: 0.1, stepSize: 0.1 } }', /steps: give the number/],
    ['E: { seed: 1, schedule: { kind: cosin } }', /endpoints\.E\.schedule/],
    ['E: { seed: 1, schedule: { kind: piecewise, points: [[0.1, 1]] } }', /first point is at 0/],
    [
      'E: { seed: 1, schedule: { kind: piecewise, points: [[0, 1], [0.5, 1], [0.5, 0.1]] } }',
      /must grow from point to point/,
    ],
    ['E: { seed: 1, labelSmoothing: 1 }', /endpoints\.E\.labelSmoothing/],
    ['E: { seed: 1, augmentation: { erasing: { leastArea: 0.5 } } }', /must not exceed mostArea/],
    [adversarial('beta: 3'), /endpoints\.E\.adversarial\.beta: needs method: trades/],
    [adversarial('method: trades, randomStart: false'), /adversarial\.randomStart: trades begins/],
  ])('%s', (endpoints, expected) => {
    const text = `${head}injections: { faults: {} }\nendpoints:\n  ${endpoints}\n`;
    expect(() => planned(text)).toThrow(expected);
  });

  it.each([
    [
      'mnist',
      'conv9.weight',
      /injections\.f\.tensor: cnn-small has no tensor "conv9\.weight" \(did/,
    ],
    ['mnist, model: mlp', 'last-conv', /injections\.f\.tensor: mlp has no convolution/],
  ])('an injection on %s into %s', (dataset, tensor, expected) => {
    const [data, model = 'model: cnn-small'] = dataset.split(', ');
    const text = `name: n\ndataset: ${data}\n${model}\nendpoints: { A: { seed: 1 } }\n`;
    expect(() => planned(`${text}injections: { f: { tensor: ${tensor} } }\n`)).toThrow(expected);
  });

  it('a cycle by way of a curve, an unknown endpoint alone, and more images than there are', () => {
    const round = `${head}endpoints:\n  A: { seed: 1 }\n  B: { onCurve: { curve: c, t: 0.5 } }\ncurves: { c: { from: A, to: B } }\n`;
    expect(() => planned(round)).toThrow(/needs itself \(endpoints\.B needs curves\.c needs end/);
    const one = `${head}endpoints: { A: { seed: 1 } }\n`;
    expect(() => planned(`${one}evaluation: { endpoints: [A, X] }\n`)).toThrow(
      /evaluation\.endpoints\.1: no endpoint is named "X"/,
    );
    expect(() => planned(`${one}injections: { f: { images: 10001 } }\n`)).toThrow(
      /injections\.f\.images: 10001 asked for, mnist has 10000 test images/,
    );
    expect(() => planned(`${one}injections: { f: { images: 3, wrong: 4 } }\n`)).toThrow(
      /injections\.f\.wrong: there are not so many images/,
    );
  });
});

it('a robust connection has its attacker in its specification, and only then', () => {
  const { runs } = planExperiment(
    experimentSchema.parse({
      ...{
        name: 'x',
        dataset: 'mnist',
        model: 'mlp',
        endpoints: { A: { seed: 1 }, B: { seed: 2 } },
      },
      curves: {
        plain: { from: 'A', to: 'B' },
        robust: { from: 'A', to: 'B', adversarial: { epsilon: 0.1, stepSize: 0.05, steps: 2 } },
      },
    }),
    sha256,
  );
  const spec = (name: string) => runs.find((run) => run.name === name)!.spec;
  expect(spec('curve/plain')).not.toHaveProperty('adversarial');
  expect(spec('curve/robust')).toMatchObject({
    adversarial: { epsilon: 0.1, stepSize: 0.05, steps: 2, randomStart: true, warmup: 0.25 },
  });
});
