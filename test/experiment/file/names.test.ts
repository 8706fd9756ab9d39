/** Names that every JavaScript object answers to are names like any other. */
import { describe, expect, it } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';
import { setIn, getIn, changes } from '../../../experiment/sweep/paths.js';
import { sha256 } from '../../stores/results/plans.js';
import { head } from '../sweep/sweeps.js';

const file = `${head}endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
backdoors: { sq: { target: 1 } }
injections: { fault: {} }
attacks: { pgd: { epsilon: 0.1, stepSize: 0.025, steps: 3, images: 10 } }
`;
const plan = (text: string, ...set: string[]): Plan =>
  planExperiment(parseExperimentWith(text, 'x.yaml', set), sha256);
const inherited = ['toString', 'constructor', 'hasOwnProperty', 'valueOf', 'isPrototypeOf'];

describe.each(inherited)('%s', (name) => {
  it.each([
    ['curves.A-B.from', name, 'endpoint', 'A, B'],
    ['endpoints.B.from', name, 'endpoint', 'A, B'],
    [
      'endpoints.N',
      `{ from: A, seed: 1, noise: { scale: 1, other: ${name} } }`,
      'endpoint',
      'A, B',
    ],
    ['endpoints.N', `{ onCurve: { curve: ${name}, t: 0.5 } }`, 'curve', 'A-B'],
    ['endpoints.N', `{ from: A, inject: ${name} }`, 'injection', 'fault'],
    ['endpoints.B.backdoor', name, 'backdoor', 'sq'],
    ['evaluation.endpoints', `[${name}]`, 'endpoint', 'A, B'],
    ['transfer', `{ attack: ${name} }`, 'attack', 'pgd'],
    ['ensemble', `{ attack: ${name}, images: 5 }`, 'attack', 'pgd'],
  ])('is no name for %s unless something is called so', (path, value, what, there) => {
    expect(() => plan(file, `${path}=${value}`)).toThrow(`no ${what} is named "${name}" (`);
    expect(() => plan(file, `${path}=${value}`)).toThrow(there);
  });

  it('is a name for what is called so', () => {
    const { runs } = plan(file, `endpoints.${name}={ seed: 3 }`, `curves.A-B.from=${name}`);
    expect(runs.find((run) => run.name === 'curve/A-B')!.summary).toContain('fit A-B');
    expect(runs.map((run) => run.name)).toContain(`endpoint/${name}`);
    const swept = plan(file, `endpoints.${name}={ sweep: { grid: { seed: [8, 9] } } }`);
    expect(swept.runs.map((run) => run.name)).toContain(`endpoint/${name}@seed=9`);
  });

  it('is no field of the file, of an entry, or of a sweep', () => {
    const swept = 'endpoints.A={ sweep: { grid: { seed: [1, 2] } } }';
    for (const set of [[`${name}=1`], [`${name}=1`, swept], [`endpoints.B.${name}=1`]]) {
      expect(() => plan(file, ...set)).toThrow(`unknown key "${set[0]!.split('=')[0]!}"`);
    }
    const axis = `endpoints.A={ sweep: { grid: { ${name}: [1, 2] } } }`;
    expect(() => plan(file, axis)).toThrow(`unknown key "endpoints.A.${name}"`);
    expect(() => plan(file, `defaults={ endpoints: { ${name}: 1 } }`)).toThrow(`${name}"`);
    const test = `endpoints.A={ sweep: { grid: { seed: [1] }, exclude: { ${name}: 1 } } }`;
    expect(() => plan(file, test)).toThrow(`"${name}" is no axis of this sweep`);
  });

  it('is no field of plain data that lacks it', () => {
    expect(getIn({ a: {} }, ['a', name])).toBeUndefined();
    expect(setIn({}, [name, 'x'], 1)).toEqual({ [name]: { x: 1 } });
    expect(changes({ [name]: 1 }, {})).toEqual([[[name], null]]);
  });
});

it('__proto__ is refused wherever it is a part of a name', () => {
  for (const set of [
    'endpoints.A.__proto__=1',
    'sweep={ grid: { endpoints.__proto__.seed: [1] } }',
  ]) {
    expect(() => plan(file, set)).toThrow('JavaScript keeps __proto__ for itself');
  }
});

it('of many names the nearest is told, and a few', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `E${i}: { seed: ${i} }`).join(', ');
  const wide = `${head}endpoints: { ${many}, sweep-me: { seed: 1 } }\n`;
  expect(() => plan(wide, 'evaluation.endpoints=[sweepme]')).toThrow(
    /no endpoint is named "sweepme" \(did you mean "sweep-me"\? there are: E0, E1, .*E9 and 991 more\)$/,
  );
});
