/** The shape of the tree: no folder too large to be read at a glance. */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../../settings/paths.js';

const mostFiles = 20;

function codeFiles(): readonly string[] {
  const patterns = ['*.ts', '*.mjs', '*.js'];
  const listed = execFileSync('git', ['ls-files', '--', ...patterns], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  return listed.trim().split('\n');
}

function crowded(files: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  return [...counts].flatMap(([folder, count]) =>
    count > mostFiles ? [`${folder}: ${count} files`] : [],
  );
}

it(`no folder holds more than ${mostFiles} files of code`, () => {
  expect(crowded(codeFiles())).toEqual([]);
});

it('a folder of more is found', () => {
  const files = Array.from({ length: mostFiles + 1 }, (_, i) => `numerics/data/file-${i}.ts`);
  expect(crowded(files)).toEqual([`numerics/data: ${mostFiles + 1} files`]);
});
