/** What the signature of an experiment and the keys of its runs depend on, and what they do not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExperimentConfig } from '../../../experiment/config/experiment.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';
import { changedRuns, keys, plan, written } from '../study.js';

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
