/** The Python that the docs show is the Python that the networks were compared with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../../settings/paths.js';

test('the page on Python shows the function that rebuilds a network', () => {
  const read = (...names: readonly string[]) =>
    readFileSync(join(repositoryRoot, ...names), 'utf8').trim();
  const page = read('docs', 'how-to', 'python.md');
  expect(page).toContain(read('bench', 'pytorch', 'rebuild.py'));
});
