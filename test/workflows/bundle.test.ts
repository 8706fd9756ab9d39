import { expect, test } from 'vitest';
import { z } from 'zod';
import { bundleWorkflows } from './bundle.js';

/** Everything that the bundle took up. */
async function bundledFiles(): Promise<readonly string[]> {
  const { sourceMap } = await bundleWorkflows();
  const { sources } = z.object({ sources: z.array(z.string()) }).parse(JSON.parse(sourceMap));
  return sources;
}

test('workflows take up only themselves, names and records of experiments, and the Temporal SDK', async () => {
  const own = (await bundledFiles()).filter((name) => !name.includes('node_modules'));
  const folders = own.map((name) => /^\.\/([^/]+)\//.exec(name)?.[1] ?? name);
  console.log(own);
  expect(own.length).toBeGreaterThan(5);
  expect([...new Set(folders)].filter((f) => !['workflows', 'experiment'].includes(f))).toEqual([]);
});

test('no numerics, stores, servers or schema library reach the workflow sandbox', async () => {
  const packages = (await bundledFiles()).flatMap(
    (name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? [],
  );
  expect(packages).toContain('@temporalio/workflow');
  for (const forbidden of [/tensorflow/, /prisma/, /aws/, /^pg$/, /^zod$/, /canonicalize/]) {
    expect(packages.filter((name) => forbidden.test(name))).toEqual([]);
  }
});
