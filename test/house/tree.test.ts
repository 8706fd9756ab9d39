/** The shape of the tree and of its prose: small folders, and docstrings that name their subject. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

describe('a docstring', () => {
  const stiff = /(?:\/\*\*|^ *\*) (?:Of|What) /m;

  it('names its subject: it does not begin with Of or What', () => {
    const files = codeFiles().filter((file) => !file.startsWith('test/'));
    const found = files.filter((file) =>
      stiff.test(readFileSync(join(repositoryRoot, file), 'utf8')),
    );
    expect(found).toEqual([]);
  });

  it('that begins so is found', () => {
    expect(stiff.test('/** Of each image. */')).toBe(true);
    expect(stiff.test('/**\n * What a run needs.\n */')).toBe(true);
    expect(stiff.test('/** Largest eigenvalue. What is left is noise. */')).toBe(false);
  });
});
