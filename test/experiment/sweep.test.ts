import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExperiment } from '../../experiment/document.js';
import { UserError } from '../../experiment/errors.js';
import { planExperiment, type Plan } from '../../experiment/plan.js';
import { expandBlock } from '../../experiment/sweep/block.js';
import { labelOf } from '../../experiment/sweep/rows.js';
import { sweepSchema } from '../../experiment/sweep/schema.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function plan(text: string): Plan {
  return planExperiment(parseExperiment(text, 'x.yaml'), sha256);
}

function mistake(text: string): string {
  try {
    plan(text);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('the text was accepted');
}

function labels(block: unknown): readonly string[] {
  return expandBlock(sweepSchema.parse(block), ['sweep']).map(labelOf);
}

function names({ runs }: Plan, kind: string): readonly string[] {
  return runs
    .filter(({ spec }) => spec.kind === kind)
    .map(({ name }) => name.slice(name.indexOf('/') + 1))
    .sort();
}

function identities({ runs }: Plan): readonly string[] {
  return runs.map(({ name, key }) => `${name} ${key}`).sort();
}

const head = 'name: x\ndataset: mnist\nmodel: cnn-small\n';
const pairs = `${head}endpoints:
  A: { sweep: { grid: { seed: [1, 2, 3] } } }
  B: { epochs: 3, sweep: { grid: { seed: [1, 2, 3] } } }
`;

describe('a sweep block', () => {
  it('multiplies the axes of a grid, pairs those of a zip, and adds up a union', () => {
    expect(labels({ grid: { a: [1, 2], b: ['x', 'y', 'z'] } })).toHaveLength(6);
    expect(labels({ zip: { a: [1, 2], b: [3, 4] } })).toEqual(['a=1,b=3', 'a=2,b=4']);
    expect(labels({ union: [{ grid: { a: [1, 2] } }, { list: [{ a: 2 }, { b: 9 }] }] })).toEqual([
      'a=1',
      'a=2',
      'b=9',
    ]);
    expect(labels({ grid: { a: [1, 2] }, zip: { b: [1, 2], c: [3, 4] } })).toHaveLength(4);
  });

  it('has as many rows as the product of its lists, each once, in any order of its keys', () => {
    const axes = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 4 }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(axes, (grid) => {
        const found = labels({ grid });
        const size = Object.values(grid).reduce((product, { length }) => product * length, 1);
        expect(new Set(found).size).toBe(size);
        const backwards = Object.fromEntries(Object.entries(grid).reverse());
        expect(labels({ grid: backwards })).toEqual(found);
      }),
    );
  });

  it('leaves out exactly the rows that fit an exclusion', () => {
    const values = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 9 }), (a, b, bound) => {
        const excluded = a.filter((x) => x < bound).length * b.filter((x) => x >= bound).length;
        fc.pre(excluded < a.length * b.length);
        const exclude = { a: { lt: bound }, b: { gte: bound } };
        const left = labels({ grid: { a, b }, exclude });
        expect(left).toHaveLength(a.length * b.length - excluded);
        expect(labels({ grid: { a, b }, exclude: [exclude, exclude] })).toEqual(left);
      }),
    );
  });

  it.each([
    [{ a: 1 }, ['a=2', 'a=3']],
    [{ a: [1, 3] }, ['a=2']],
    [{ a: { not: 1 } }, ['a=1']],
    [{ a: { not: [1, 2] } }, ['a=1', 'a=2']],
    [{ a: { gt: 1, lte: 2 } }, ['a=1', 'a=3']],
  ])('without %j keeps %j', (exclude, kept) => {
    expect(labels({ grid: { a: [1, 2, 3] }, exclude })).toEqual(kept);
  });

  it('gives more axes to the rows of a `when` and leaves the others as they are', () => {
    const when = [{ if: { family: 'polychain' }, grid: { bends: [1, 3] } }];
    expect(labels({ grid: { family: ['bezier', 'polychain'] }, when })).toEqual([
      'family=bezier',
      'bends=1,family=polychain',
      'bends=3,family=polychain',
    ]);
  });

  it('draws the same values whatever the other axes are, and the same first ones when n grows', () => {
    const of = { lr: { logUniform: [0.001, 0.1] }, seed: { int: [1, 1000] } };
    const [few, many] = [5, 9].map((n) => labels({ random: { n, seed: 7, of } }));
    expect(many!.slice(0, 5)).toEqual(few);
    const alone = labels({ random: { n: 5, seed: 7, of: { seed: of.seed } } });
    expect(few!.map((label) => label.split(',')[1])).toEqual(alone);
    expect(labels({ random: { n: 5, seed: 8, of } })).not.toEqual(few);
  });

  it('draws inside its range, about as often in each decade of a logarithmic one', () => {
    const rows = labels({ random: { n: 3000, of: { x: { logUniform: [0.001, 1] } } } });
    const drawn = rows.map((label) => Number(label.split('=')[1]));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.001);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1);
    const low = drawn.filter((x) => x < 0.01).length / drawn.length;
    expect(low).toBeGreaterThan(0.3);
    expect(low).toBeLessThan(0.37);
  });
});

describe('swept entries', () => {
  it('are named after their axes, and attacks and curves with them', () => {
    const text = `${pairs}curves:\n  A-B: { from: A, to: B }
attacks:\n  pgd: { stepSize: 0.02, steps: 2, images: 10, sweep: { grid: { epsilon: [0.1, 0.2] } } }\n`;
    const planned = plan(text);
    expect(names(planned, 'endpoint')).toEqual(
      ['A', 'B'].flatMap((end) => [1, 2, 3].map((seed) => `${end}@seed=${seed}`)),
    );
    expect(names(planned, 'curve')).toEqual(['A-B@seed=1', 'A-B@seed=2', 'A-B@seed=3']);
    expect(names(planned, 'attack')).toHaveLength(6);
    expect(names(planned, 'attack')[0]).toBe('A-B@seed=1/pgd@epsilon=0.1');
  });

  it('have the keys of the same entries written out', () => {
    const swept = plan(
      `${head}endpoints:\n  A: { epochs: 3, sweep: { grid: { seed: [4, 5] } } }\n`,
    );
    const written = plan(
      `${head}endpoints:\n  X: { seed: 4, epochs: 3 }\n  Y: { seed: 5, epochs: 3 }\n`,
    );
    expect(swept.runs.map(({ key }) => key)).toEqual(written.runs.map(({ key }) => key));
  });

  it.each([
    ['match', 3],
    ['index', 3],
    ['every', 9],
  ])('are joined by curves with pair: %s', (pair, count) => {
    const planned = plan(`${pairs}curves:\n  A-B: { from: A, to: B, sweep: { pair: ${pair} } }\n`);
    expect(names(planned, 'curve')).toHaveLength(count);
  });

  it('are joined among themselves, every two once', () => {
    const planned = plan(`${pairs}curves:\n  A-A: { from: A, to: A, sweep: { pair: every } }\n`);
    expect(names(planned, 'curve')).toEqual([
      'A-A@from.seed=1,to.seed=2',
      'A-A@from.seed=1,to.seed=3',
      'A-A@from.seed=2,to.seed=3',
    ]);
  });

  it('let a curve leave out pairs of its ends, and have axes of its own', () => {
    const planned = plan(`${pairs}curves:
  A-B:
    from: A
    to: B
    sweep: { pair: every, grid: { bends: [1, 2], seed: [7] }, exclude: { from.seed: { gt: 1 } } }\n`);
    expect(names(planned, 'curve')).toHaveLength(6);
    expect(names(planned, 'curve')[0]).toBe('A-B@bends=1,from.seed=1,seed=7,to.seed=1');
  });

  it('are the same runs when two names mean one, instead of a mistake', () => {
    const planned = plan(
      `${head}endpoints:\n  A: { seed: 2 }\n  B: { sweep: { grid: { seed: [1, 2] } } }\n`,
    );
    expect(names(planned, 'endpoint')).toEqual(['A', 'B@seed=1']);
    expect(planned.config.sweep?.aliases).toEqual({ 'endpoint/B@seed=2': 'endpoint/A' });
  });

  it('may be left as they are in some rows: null takes a field away', () => {
    const planned = plan(`${head}endpoints:
  A:
    seed: 1
    adversarial: { epsilon: 0.1, stepSize: 0.05, steps: 2 }
    sweep: { list: [{ as: robust }, { as: regular, adversarial: null }] }\n`);
    expect(names(planned, 'endpoint')).toEqual(['A@regular', 'A@robust']);
    expect(planned.config.endpoints['A@regular']!.adversarial).toBeUndefined();
  });
});

describe('a sweep of the whole experiment', () => {
  const whole = `${head}endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
attacks: { pgd: { epsilon: 0.1, stepSize: 0.02, steps: 2, images: 10 } }
`;

  it('names runs after the axes that can change them, and has the others once', () => {
    const planned = plan(`${whole}sweep: { grid: { attacks.pgd.epsilon: [0.1, 0.2] } }\n`);
    expect(names(planned, 'endpoint')).toEqual(['A', 'B']);
    expect(names(planned, 'curve')).toEqual(['A-B']);
    expect(names(planned, 'attack')).toEqual([
      'A-B/pgd@attacks.pgd.epsilon=0.1',
      'A-B/pgd@attacks.pgd.epsilon=0.2',
    ]);
  });

  it('keeps what goes together in a zip together', () => {
    const zip = 'sweep: { zip: { endpoints.A.seed: [1, 3], endpoints.B.seed: [2, 4] } }\n';
    const planned = plan(whole + zip);
    expect(names(planned, 'endpoint')).toHaveLength(4);
    expect(names(planned, 'curve')).toEqual([
      'A-B@endpoints.A.seed=1,endpoints.B.seed=2',
      'A-B@endpoints.A.seed=3,endpoints.B.seed=4',
    ]);
  });

  it('sets a field of every entry with *, and goes with sweeps of entries', () => {
    const planned = plan(
      `${pairs}sweep: { grid: { endpoints.*.epochs: [1, 2], model: [cnn-small, mlp] } }\n`,
    );
    // B differs from A in nothing but the epochs, which both are given.
    expect(names(planned, 'endpoint')).toHaveLength(12);
    expect(names(planned, 'endpoint')[0]).toBe('A@seed=1,endpoints.epochs=1,model=cnn-small');
  });

  it('has the same runs and signature in whatever order it is written', () => {
    const axes = [
      ['model', ['cnn-small', 'mlp']],
      ['curves.A-B.seed', [1, 2, 3]],
      ['endpoints.*.epochs', [1, 2]],
      ['attacks.pgd.steps', [1, 5]],
    ] as const;
    const text = (order: readonly (typeof axes)[number][], backwards: boolean) => {
      const of = order.map(([axis, values]) => [axis, backwards ? [...values].reverse() : values]);
      return `${whole}sweep: ${JSON.stringify({ grid: Object.fromEntries(of) })}\n`;
    };
    const first = plan(text(axes, false));
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...axes], { minLength: axes.length }),
        fc.boolean(),
        (order, backwards) => {
          const other = plan(text(order, backwards));
          expect(identities(other)).toEqual(identities(first));
          expect(other.signature).toBe(first.signature);
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe('a mistake in a sweep', () => {
  const A = (sweep: string) => `${head}endpoints:\n  A: { seed: 1, sweep: ${sweep} }\n`;

  it.each([
    ['{ gird: {} }', 'x.yaml:5:26: endpoints.A.sweep.gird', 'did you mean "grid"?'],
    ['{ grid: { sed: [1] } }', 'x.yaml:5:34: unknown key "endpoints.A.sed"', '"seed"?'],
    ['{ grid: { seed: [1, -2] } }', 'x.yaml:5:34: endpoints.A.seed: ', 'too small'],
    ['{ grid: { learningRate: { uniform: [0, 1] } } }', 'x.yaml:5:34: ', 'continuous range'],
    ['{ zip: { seed: [1], epochs: [1, 2] } }', 'x.yaml:5:26: ', 'seed 1, epochs 2'],
    ['{ grid: { seed: [1] }, zip: { seed: [2] } }', 'x.yaml:5:54: ', '"seed" is given twice'],
    ['{ grid: { seed: [1] }, exclude: { epoch: 1 } }', 'x.yaml:5:58: ', 'axes: seed'],
    ['{ grid: { seed: [1] }, exclude: { seed: 1 } }', 'x.yaml:5:47: ', 'leaves nothing'],
    ['{ grid: { seed: { int: [3, 1] } } }', 'x.yaml:5:34: ', 'after its end 1'],
    ['{ grid: { seed: 5 } }', 'x.yaml:5:34: ', 'give a list of values'],
    ['{ grid: { seed: { int: [1, 9000000] } } }', 'x.yaml:5:34: ', 'too many'],
  ])('such as %s is told with its place', (sweep, place, what) => {
    const message = mistake(A(sweep));
    expect(message).toContain(place);
    expect(message).toContain(what);
    expect(message.split('\n')).toHaveLength(1);
  });

  it.each([
    ['{ grid: { modle: [mlp] } }', 'unknown key "modle" (did you mean "model"?)'],
    ['{ grid: { model: [mpl] } }', 'did you mean "mlp"?'],
    ['{ grid: { name: [a, b] } }', 'name cannot be swept'],
    ['{ grid: { curves.*.seed: [1] } }', 'there are no such entries'],
  ])('of the whole experiment, such as %s, too', (sweep, what) => {
    const message = mistake(`${head}endpoints: { A: { seed: 1 } }\nsweep: ${sweep}\n`);
    expect(message).toMatch(/^x\.yaml:5:18: /);
    expect(message).toContain(what);
  });

  it('is one of the curve when its ends do not go together', () => {
    const text = pairs.replace('epochs: 3, sweep: { grid: { seed: [1', 'sweep: { grid: { seed: [9');
    const message = mistake(
      `${text.replaceAll('[9, 2, 3]', '[7, 8, 9]')}curves:\n  A-B: { from: A, to: B }\n`,
    );
    expect(message).toContain('x.yaml:8:10: curves.A-B.from');
    expect(message).toContain('pair: index');
  });
});

it('100,000 runs are planned in less than 10 s of processor time', () => {
  const text = `${head}endpoints:
  A: { sweep: { grid: { seed: { int: [1, 500] } } } }
  B: { epochs: 3, sweep: { grid: { seed: { int: [1, 500] } } } }
curves: { A-B: { from: A, to: B } }
attacks:
  pgd:
    stepSize: 0.02
    images: 10
    sweep: { grid: { epsilon: [0.1, 0.2, 0.3, 0.4], steps: { int: [1, 50] } } }\n`;
  const start = process.cpuUsage();
  expect(plan(text).runs.length).toBeGreaterThan(100_000);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(10);
}, 60_000);

describe('docs/sweeps.md', () => {
  const page = readFileSync(new URL('../../docs/sweeps.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!);
  // Each says how many runs it makes, or that a part of a file is shown.
  const counted = examples.map((text) => [/^# (\d+) runs/.exec(text)?.[1], text] as const);

  it.each(counted)('has an example of %s runs', (runs, text) => {
    const base = /^name:/m.test(text) ? '' : head;
    const ends = /^endpoints:/m.test(text) ? '' : 'endpoints: { A: { seed: 1 }, B: { seed: 2 } }\n';
    expect(plan(base + ends + text).runs).toHaveLength(Number(runs));
  });
});
