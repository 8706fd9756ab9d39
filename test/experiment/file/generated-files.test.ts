/** Properties of reading, over generated files: right and wrong, with aliases, sweeps, odd scalars and odd names. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { UserError } from '../../../experiment/errors.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';

const names = [
  'A',
  'B',
  'C',
  'A-B',
  '1',
  'toString',
  'constructor',
  'x y',
  '<<',
  '',
  '__proto__',
  'ünï',
  '\0',
  'sweep',
];
const name = fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 5 }));
const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    1,
    -1,
    0.5,
    NaN,
    Infinity,
    '1',
    'mnist',
    'cnn-small',
    '2024-01-01',
    '\ud800',
    'a: b',
  ),
  fc.integer({ max: 10 }),
  name,
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 3 }),
  ),
})).any;

const seed = fc.integer({ min: 0, max: 9 });
const sweep = fc.oneof(
  fc.record({ grid: fc.record({ seed: fc.array(seed, { minLength: 1, maxLength: 3 }) }) }),
  fc.record({ grid: fc.record({ seed: fc.constant({ int: [1, 3] }) }) }),
  value,
);
const adversarial = { epsilon: 0.1, stepSize: 0.02, steps: 2 };
const entry = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      { seed, adversarial: fc.constant(adversarial) },
      { requiredKeys: ['seed'] },
    ),
  },
  fc.record({ sweep }),
  fc.record({ seed, epoch: seed }),
  value,
);
const entryNames = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('A', 'B', 'C') }, name);
const end = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('A', 'B', 'C') }, scalar);
const curve = fc.oneof({ weight: 4, arbitrary: fc.record({ from: end, to: end, seed }) }, value);
const document = fc.record(
  {
    name: fc.oneof({ weight: 4, arbitrary: fc.constant('x') }, scalar),
    dataset: fc.oneof({ weight: 4, arbitrary: fc.constant('mnist') }, scalar),
    model: fc.oneof({ weight: 4, arbitrary: fc.constant('cnn-small') }, scalar),
    endpoints: fc.dictionary(entryNames, entry, { minKeys: 1, maxKeys: 3 }),
    curves: fc.dictionary(name, curve, { maxKeys: 2 }),
    sweep,
    defaults: value,
    toString: value,
  },
  { requiredKeys: ['name', 'dataset', 'model', 'endpoints'] },
);

/** The same object twice is written as an anchor and an alias. */
const withAliases = fc.tuple(document, fc.boolean()).map(([written, shared]) => {
  const endpoints = written.endpoints as Record<string, unknown>;
  const [first] = Object.values(endpoints);
  return stringify(
    shared ? { ...written, endpoints: { ...endpoints, B: first, Z: first } } : written,
  );
});

it('every file is planned or refused by a UserError, at once and in a few lines', () => {
  fc.assert(
    fc.property(fc.oneof(withAliases, fc.string({ unit: 'binary', maxLength: 60 })), (text) => {
      const start = process.cpuUsage();
      try {
        planExperiment(parseExperimentWith(text, 'x.yaml', []), sha256);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        expect(error.message.split('\n').length).toBeLessThanOrEqual(60);
        expect(error.message).not.toMatch(/[\0\x1b]/);
      }
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1e6).toBeLessThan(5);
    }),
    { seed: 17, numRuns: 400 },
  );
}, 120_000);

it('every --set is carried out or refused by a UserError', () => {
  const step = fc.oneof(fc.constantFrom('endpoints', 'A', 'name', 'seed', 'toString'), name);
  const assignment = fc
    .tuple(
      fc.array(step, { maxLength: 4 }),
      fc.oneof(
        value.map((one) => stringify(one)),
        fc.string(),
      ),
    )
    .map(([path, text]) => `${path.join('.')}=${text}`);
  fc.assert(
    fc.property(fc.array(assignment, { maxLength: 3 }), (set) => {
      try {
        parseExperimentWith(text, 'x.yaml', set);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }),
    { seed: 5, numRuns: 300 },
  );
}, 120_000);

const text = stringify({
  name: 'x',
  dataset: 'mnist',
  model: 'cnn-small',
  endpoints: { A: { seed: 1 } },
});

/** By their paths, what has no fields of its own. */
function leaves(one: unknown, at = ''): [string, unknown][] {
  if (typeof one !== 'object' || one === null) return [[at.slice(1), one]];
  return Object.entries(one).flatMap(([key, inner]) => leaves(inner, `${at}.${key}`));
}

const endpointFields = ['seed', 'steps', 'batchSize', 'adversarial.steps', 'adversarial.epsilon'];
const settable = [
  ...['A', 'B', 'C'].flatMap((one) => endpointFields.map((field) => `endpoints.${one}.${field}`)),
  ...['p', 'q'].flatMap((one) =>
    ['steps', 'images', 'points'].map((field) => `attacks.${one}.${field}`),
  ),
  ...['C1', 'C2'].flatMap((one) =>
    ['seed', 'bends', 'steps'].map((field) => `curves.${one}.${field}`),
  ),
];

it('--set changes exactly one path, in files with aliases and in extended ones', () => {
  const small = fc.integer({ min: 2, max: 9 });
  const numbers = fc.record({ seed: small, steps: small, batchSize: small });
  const shares = fc.record({
    entries: fc.boolean(),
    adversarial: fc.boolean(),
    extended: fc.boolean(),
  });
  fc.assert(
    fc.property(numbers, shares, fc.constantFrom(...settable), (own, share, path) => {
      const attacker = { epsilon: 0.3, stepSize: 0.02, steps: 5 };
      const first = { ...own, adversarial: attacker };
      const other = { ...own, adversarial: share.adversarial ? attacker : { ...attacker } };
      const attack = { ...attacker, images: 7, points: 4 };
      const fit = { from: 'A', to: 'B', steps: 6, bends: 2, seed: 5 };
      const written = stringify({
        ...{ name: 'x', dataset: 'mnist', model: 'cnn-small' },
        endpoints: { A: first, B: share.entries ? first : other, C: other },
        curves: { C1: fit, C2: fit },
        attacks: { p: attack, q: attack },
      });
      expect(written).toContain('*a');
      const readBase = () => ({ text: written, source: 'base.yaml' });
      const top = share.extended ? 'extends: base\n' : written;
      const read = (...set: string[]) => leaves(parseExperimentWith(top, 'x.yaml', set, readBase));
      const before = read();
      const after = new Map(read(`${path}=${path.endsWith('epsilon') ? 0.25 : 3 + own.seed}`));
      const changed = before.filter(([one, value]) => after.get(one) !== value);
      expect(after.size).toBe(before.length);
      expect([[path], []]).toContainEqual(changed.map(([one]) => one));
      expect(after.get(path)).toBe(path.endsWith('epsilon') ? 0.25 : 3 + own.seed);
    }),
    { seed: 2, numRuns: 200 },
  );
}, 120_000);
