/** The contents of a bundle: program, native parts and licences, as this checkout has them. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { licenses } from '../../../infra/bundle/licenses.js';
import { refuseSharedNode, refuseWithoutSetUp } from '../../../infra/bundle/native-parts.js';
import { requireProgram } from '../../../infra/bundle/run-program.js';

it('licences are those of the packages that a file is from, each once, with their texts', () => {
  const found = licenses('cpu', [
    'node_modules/zod/index.js',
    'node_modules/zod/v4/core.js',
    'node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js',
    '.isthmus/build/engine/process/main.js',
  ]);
  const names = found.map(({ name, license }) => [name, license]);
  expect(names).toEqual([
    ['isthmus', 'Apache-2.0'],
    ['node', 'MIT'],
    ['tensorflow', 'Apache-2.0'],
    ['@tensorflow/tfjs-core', 'Apache-2.0'],
    ['zod', 'MIT'],
  ]);
  const texts = found.flatMap(({ entries }) => entries);
  expect(texts.map(({ path }) => path)).toContain(`licenses/zod-${found[4]!.version}/LICENSE`);
  for (const { source } of texts) expect(readFileSync(source, 'utf8').length).toBeGreaterThan(500);
});

it('a package that names its licence in the text alone refers to it', () => {
  const [found] = licenses('cpu', ['node_modules/seq-queue/index.js']).slice(3);
  expect(found).toMatchObject({ name: 'seq-queue', license: 'see LICENSE' });
});

it('a package inside a package is named itself', () => {
  const nested = 'node_modules/@vercel/nft/node_modules/glob/dist/index.js';
  const [glob] = licenses('cpu', [nested]).slice(3);
  expect(glob?.name).toBe('glob');
});

it('a Node that needs libraries beside it is refused', () => {
  const own = { node_shared: false, node_shared_zlib: false, v8_enable_i18n_support: 1 };
  expect(() => refuseSharedNode(own)).not.toThrow();
  expect(() => refuseSharedNode({ ...own, node_shared: true })).toThrow('use one from nodejs.org');
  const zlib = { ...own, node_shared_zlib: 'true' };
  expect(() => refuseSharedNode(zlib)).toThrow('(node_shared_zlib)');
});

it('missing parts are one line with the command that installs them', () => {
  expect(() => refuseWithoutSetUp('cpu')).not.toThrow();
  expect(() => refuseWithoutSetUp('gpu', import.meta.dirname)).toThrow(
    /^node_modules\/@tensorflow\/tfjs-node-gpu\/\S+ is missing: ISTHMUS_DEVICE=gpu npm run setup$/,
  );
});

it('a missing program is one line with the command that installs it', async () => {
  await expect(requireProgram('no-such-strip', 'apt install binutils')).rejects.toThrow(
    'no-such-strip is missing: apt install binutils',
  );
});
