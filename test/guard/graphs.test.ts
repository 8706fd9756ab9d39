/**
 * The graphs that runs of every preset compile, by the sha256 of their nodes: TensorFlow computes the same bits from the
 * same graph, whatever becomes of the code that made it. Runs are carried out in small (shrink.ts).
 * `GUARD_UPDATE=1 npx vitest run test/guard` writes the golden files anew; say in the commit which graphs changed and why.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planFile, presetNames } from '../../cli/experiment-file.js';
import type { Plan } from '../../experiment/plan.js';
import { compiledGraphs, prepareData } from './compiled-graphs.js';
import { goldenSections, type Sections } from './golden.js';

const further = join(import.meta.dirname, 'experiments');

const plans: readonly (readonly [name: string, plan: Plan])[] = [
  ...presetNames().map((name) => [name, planFile(name, [])] as const),
  ...readdirSync(further).map((name) => [name, planFile(join(further, name), [])] as const),
];
prepareData();
const found: Sections = new Map(await sectionsOf(plans));
const golden = goldenSections('graphs.golden.txt', found);

test.each([...found])('%s compiles the same graphs as before', (name, lines) => {
  expect(lines).toEqual(golden.get(name));
});

test('no experiment is gone', () => {
  expect([...found.keys()]).toEqual([...golden.keys()]);
});

async function sectionsOf(
  planned: readonly (readonly [name: string, plan: Plan])[],
): Promise<readonly (readonly [name: string, lines: readonly string[]])[]> {
  const sections: [string, string[]][] = [];
  for (const [name, plan] of planned) {
    const graphs = await compiledGraphs(plan);
    sections.push([name, [...graphs].sort().map(([group, digests]) => line(group, digests))]);
  }
  return sections;
}

/** 16 digits of each: they tell graphs apart. */
function line(group: string, digests: ReadonlySet<string>): string {
  return [`${group}:`, ...[...digests].map((digest) => digest.slice(0, 16)).sort()].join(' ');
}
