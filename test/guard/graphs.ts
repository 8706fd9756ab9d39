/**
 * The graphs that runs of every preset compile, by the sha256 of their nodes: TensorFlow computes the same bits from the
 * same graph, whatever becomes of the code that made it. Runs are carried out in small (shrink.ts).
 * `GUARD_UPDATE=1 npm run test:long test/guard/graphs` updates the golden file, with `-t NAME` that experiment alone; say in
 * the commit which graphs changed and why.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planFile, presetNames } from '../../cli/experiments/experiment-file.js';
import type { Plan } from '../../experiment/plan/plan.js';
import { compiledGraphs, prepareData, removeData } from './compiled-graphs.js';
import { openGolden } from './golden.js';

const further = join(import.meta.dirname, 'experiments');

type Named = readonly [name: string, plan: Plan];

/** Every preset, and experiments that compile what no preset does. */
const all = await Promise.all([
  ...presetNames().map((name) => named(name, name)),
  ...readdirSync(further)
    .sort()
    .map((name) => named(name, join(further, name))),
]);

async function named(name: string, file: string): Promise<Named> {
  return [name, await planFile(file, [])];
}

/** Together nearly every graph of small networks, within a minute; `npm run test:long` covers all experiments. */
const short = new Set([
  ...['mnist-quick', 'adaptive-attacker', 'attack-strength', 'repair-injection'],
  ...['attack-methods.yaml', 'bfloat16.yaml', 'curvature.yaml', 'training.yaml'],
]);

export function isShort([name]: Named): boolean {
  return short.has(name);
}

/** Holds the graphs of the chosen experiments to the golden file. */
export function compareGraphs(chosen: (named: Named) => boolean): void {
  const compared = all.filter(chosen);
  const names = all.map(([name]) => name);
  const golden = openGolden('graphs.golden.txt', names);
  beforeAll(prepareData);
  afterAll(() => {
    removeData();
    golden.close();
  });

  test.each(compared)(
    '%s compiles the same graphs as before',
    async (name, plan) => {
      const graphs = await compiledGraphs(plan);
      const lines = [...graphs].sort().map(([group, digests]) => line(group, digests));
      expect(lines).toEqual(golden.expected(name, lines));
    },
    300_000,
  );

  test('no experiment is gone', () => {
    expect(names).toEqual(golden.names);
  });
}

/** 16 digits of each: they tell graphs apart. */
function line(group: string, digests: ReadonlySet<string>): string {
  return [`${group}:`, ...[...digests].map((digest) => digest.slice(0, 16)).sort()].join(' ');
}
