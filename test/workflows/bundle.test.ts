import { relative } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { repositoryRoot } from '../../settings/paths.js';
import { bundleWorkflows } from './bundle.js';

/** Everything that the bundle took up. */
async function bundledFiles(): Promise<readonly string[]> {
  const { code } = await bundleWorkflows();
  const inline = /sourceMappingURL=data:application\/json;charset=utf-8;base64,(\S+)/.exec(code);
  const map: unknown = JSON.parse(Buffer.from(inline?.[1] ?? '', 'base64').toString());
  return z.object({ sources: z.array(z.string()) }).parse(map).sources;
}

test('workflows take up only themselves, names and records of experiments, and the Temporal SDK', async () => {
  const own = (await bundledFiles())
    .map((path) => relative(repositoryRoot, path))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('node_modules'));
  expect(own).toContain('workflows/experiment.ts');
  expect(own.filter((path) => !/^(workflows|experiment)\//.test(path))).toEqual([]);
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
