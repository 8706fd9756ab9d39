/** Sweeps of entries and of whole experiments: which runs they make, under which names and keys. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../experiment/plan/plan.js';
import { head, names, pairs, plan } from './sweeps.js';

function identities({ runs }: Plan): readonly string[] {
  return runs.map(({ name, key }) => `${name} ${key}`).sort();
}

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

describe('docs/how-to/sweep.md', () => {
  const page = readFileSync(new URL('../../../docs/how-to/sweep.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!);
  // Each says how many runs it makes, or that a part of a file is shown.
  const counted = examples.map((text) => [/^# (\d+) runs/.exec(text)?.[1], text] as const);

  it.each(counted)('has an example of %s runs', (runs, text) => {
    const base = /^name:/m.test(text) ? '' : head;
    const ends = /^endpoints:/m.test(text) ? '' : 'endpoints: { A: { seed: 1 }, B: { seed: 2 } }\n';
    expect(plan(base + ends + text).runs).toHaveLength(Number(runs));
  });
});
