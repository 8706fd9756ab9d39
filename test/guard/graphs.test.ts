/**
 * The graphs that runs of every preset compile, by the sha256 of their nodes: TensorFlow computes the same bits from the
 * same graph, whatever becomes of the code that made it. Runs are carried out in small (shrink.ts).
 * `GUARD_UPDATE=1 npx vitest run test/guard` writes the golden files anew; say in the commit which graphs changed and why.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planFile, presetNames } from '../../cli/experiments/experiment-file.js';
import type { Plan } from '../../experiment/plan/plan.js';
import { compiledGraphs, prepareData, removeData } from './compiled-graphs.js';
import { openGolden } from './golden.js';

const further = join(import.meta.dirname, 'experiments');

const plans: readonly (readonly [name: string, plan: Plan])[] = [
  ...presetNames().map((name) => [name, planFile(name, [])] as const),
  ...readdirSync(further)
    .sort()
    .map((name) => [name, planFile(join(further, name), [])] as const),
];
const golden = openGolden('graphs.golden.txt');
beforeAll(prepareData);
afterAll(() => {
  removeData();
  golden.close();
});

test.each(plans)(
  '%s compiles the same graphs as before',
  async (name, plan) => {
    const graphs = await compiledGraphs(plan);
    const lines = [...graphs].sort().map(([group, digests]) => line(group, digests));
    expect(lines).toEqual(golden.expected(name, lines));
  },
  300_000,
);

test('no experiment is gone', () => {
  const names = plans.map(([name]) => name);
  expect(names).toEqual(golden.names(names));
});

/** 16 digits of each: they tell graphs apart. */
function line(group: string, digests: ReadonlySet<string>): string {
  return [`${group}:`, ...[...digests].map((digest) => digest.slice(0, 16)).sort()].join(' ');
}
