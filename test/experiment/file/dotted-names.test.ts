/** Names with dots in `--set`, in sweeps and in conditions, and which `--set` a mistake is blamed on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { splitDottedPath } from '../../../experiment/dotted-path.js';
import { UserError } from '../../../experiment/errors.js';
import { changes, namesIn } from '../../../experiment/sweep/paths.js';
import { head, names, plan } from '../sweep/sweeps.js';

const attack = '{ epsilon: 0.1, stepSize: 0.025, steps: 10, images: 1000 }';
const ends = `${head}endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }\n`;
const dotted = `${ends}attacks: { pgd-0.1: ${attack}, pgd-0: ${attack.replace('0.1', '0.2')} }\n`;

describe('a dotted path', () => {
  it('takes the longest name that exists at each level, else dots separate', () => {
    const document = { a: { 'b.c': { d: 1 }, b: { c: { e: 1 } } }, 'a.b': {} };
    const steps = (path: string) => splitDottedPath(path, namesIn(document));
    expect(steps('a.b.c.d')).toEqual(['a.b', 'c', 'd']);
    expect(splitDottedPath('b.c.d', namesIn(document.a))).toEqual(['b.c', 'd']);
    expect(splitDottedPath('b.x.d', namesIn(document.a))).toEqual(['b', 'x', 'd']);
    expect(splitDottedPath('toString.x', namesIn({}))).toEqual(['toString', 'x']);
  });
});

describe('--set with dotted names', () => {
  it('changes the attack of that name alone', () => {
    const set = parseExperimentWith(dotted, 'x.yaml', ['attacks.pgd-0.1.steps=20']);
    const before = parseExperimentWith(dotted, 'x.yaml', []);
    expect(changes(before, set)).toEqual([[['attacks', 'pgd-0.1', 'steps'], 20]]);
  });

  it('changes exactly one path of any file', () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', '1', 'pgd-0'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.'));
    const entries = fc.dictionary(name, fc.record({ steps: fc.integer({ min: 1, max: 9 }) }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 10, max: 99 }), (drawn, index, steps) => {
        const chosen = Object.keys(drawn)[index % Object.keys(drawn).length]!;
        const attacks = Object.fromEntries(
          Object.entries(drawn).map(([key, entry]) => [
            key,
            { epsilon: 0.1, stepSize: 0.1, images: 10, ...entry },
          ]),
        );
        const text = `${ends}attacks: ${JSON.stringify(attacks)}\n`;
        const before = parseExperimentWith(text, 'x.yaml', []);
        const after = parseExperimentWith(text, 'x.yaml', [`attacks.${chosen}.steps=${steps}`]);
        expect(changes(before, after)).toEqual([[['attacks', chosen, 'steps'], steps]]);
        const swept = `${text}sweep: { grid: { "attacks.${chosen}.steps": [${steps}] } }\n`;
        const expanded = parseExperimentWith(swept, 'x.yaml', []);
        expect(expanded).toEqual({ ...after, sweep: expanded.sweep });
      }),
      { numRuns: 60 },
    );
  });
});

describe('a sweep over names with dots', () => {
  it('names the runs of that attack alone after its axis', () => {
    const planned = plan(`${dotted}sweep: { grid: { attacks.pgd-0.1.steps: [10, 20] } }\n`);
    expect(names(planned, 'attack')).toEqual([
      'A-B/pgd-0',
      'A-B/pgd-0.1@attacks.pgd-0.1.steps=10',
      'A-B/pgd-0.1@attacks.pgd-0.1.steps=20',
    ]);
    const steps = planned.runs.flatMap(({ name, spec }) =>
      spec.kind === 'attack' && 'steps' in spec ? [[name, spec.steps]] : [],
    );
    expect(Object.fromEntries(steps)).toMatchObject({
      'attack/A-B/pgd-0.1@attacks.pgd-0.1.steps=20': 20,
      'attack/A-B/pgd-0': 10,
    });
  });

  it('can be left out by a condition, and is told by its place when it is wrong', () => {
    const sweep = (values: string, exclude = '') =>
      `${dotted}sweep: { grid: { attacks.pgd-0.1.steps: [${values}] }${exclude} }\n`;
    const exclude = ', exclude: { attacks.pgd-0.1.steps: { gt: 10 } }';
    expect(names(plan(sweep('10, 20', exclude)), 'attack')).toHaveLength(2);
    expect(() => plan(sweep('0'))).toThrow(/^x\.yaml:7:18: attacks\.pgd-0\.1\.steps: too small/);
  });

  it('is that of a curve or an endpoint as well', () => {
    const text = `${head}endpoints: { v1.0: { seed: 1 }, v1: { seed: 2 } }
curves: { v1.0-v1: { from: v1.0, to: v1 } }
sweep: { grid: { endpoints.v1.0.epochs: [1, 2], curves.v1.0-v1.bends: [1, 2] } }\n`;
    expect(names(plan(text), 'endpoint')).toEqual([
      'v1',
      'v1.0@endpoints.v1.0.epochs=1',
      'v1.0@endpoints.v1.0.epochs=2',
    ]);
    expect(names(plan(text), 'curve')).toHaveLength(4);
  });
});

describe('a mistake by --set', () => {
  const base = `${ends}attacks: { pgd: ${attack} }\n`;
  const mistake = (text: string, ...assignments: readonly string[]): string => {
    try {
      parseExperimentWith(text, 'x.yaml', assignments);
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
    throw new Error('the text was accepted');
  };

  it.each([
    ['endpoints.A.seed=-3', /^--set endpoints\.A\.seed=-3: too small/],
    ['evaluation.point=5', /^--set evaluation\.point=5: unknown key "evaluation\.point" \(did you/],
    ['endpoints.A=7', /^--set endpoints\.A=7: invalid input/],
    ['endpoints.A.seed=null', /^--set endpoints\.A\.seed=null: give a seed/],
    ['attacks.pgd.epsilon=8/0', /^--set attacks\.pgd\.epsilon=8\/0: /],
    ['attacks.pgd.restarts=2', null],
    ['sweep={ grid: { model: [mpl] } }', /^--set sweep=.*: model: must be one of .*"mlp"/],
    ['attacks.pgd-0.2.steps=3', /^--set attacks\.pgd-0\.2\.steps=3: /],
  ])('such as %s is blamed on it', (assignment, expected) => {
    if (expected === null) parseExperimentWith(base, 'x.yaml', [assignment]);
    else expect(mistake(base, assignment)).toMatch(expected);
  });

  it('elsewhere is blamed on the assignment without which all was well', () => {
    const steps = base.replace('A: { seed: 1 }', 'A: { seed: 1, steps: 5 }');
    const found = mistake(steps, 'endpoints.B.seed=4', 'endpoints.A.epochs=3', 'model=mlp');
    expect(found).toBe(
      '--set endpoints.A.epochs=3: endpoints.A.steps: the budget is in epochs or in steps; leave one out',
    );
  });

  it('is not blamed for what the file itself has wrong', () => {
    const wrong = base.replace('seed: 2', 'seed: two');
    expect(mistake(wrong, 'endpoints.A.seed=4')).toMatch(/^x\.yaml:4:\d+: endpoints\.B\.seed/);
    expect(mistake(wrong, 'endpoints.A.seed=-4').split('\n').sort()).toEqual([
      expect.stringMatching(/^--set endpoints\.A\.seed=-4: too small/),
      expect.stringMatching(/^x\.yaml:4:\d+: endpoints\.B\.seed/),
    ]);
  });
});
