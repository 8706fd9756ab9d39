/** Every link, anchor, image and file name in the documentation leads somewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../settings/paths.js';
import {
  allPages,
  anchors,
  codeBlocks,
  inlineCode,
  linkTargets,
  readPage,
  repositoryFiles,
  type Page,
} from './markdown.js';

const files = repositoryFiles();
const topFolders = new Set(
  files.flatMap((path) => (path.includes('/') ? [path.split('/')[0]!] : [])),
);

function exists(path: string): boolean {
  return existsSync(join(repositoryRoot, path));
}

function deadLinks(page: Page): readonly string[] {
  const relative = linkTargets(page).filter((target) => !/^[a-z]+:/.test(target));
  return relative.filter((target) => {
    const [file, anchor] = target.split('#') as [string, string?];
    const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
    if (file !== '' && !exists(path)) return true;
    if (anchor === undefined) return false;
    return !anchors(file === '' ? page : readPage(path)).has(anchor);
  });
}

/** `experiment/plan/plan.ts` is a path of this repository; `attack/A-B/pgd` and `cli/kinds/NAME.ts` are none. */
function isRepositoryPath(text: string): boolean {
  return (
    /^[\w.-]+(\/[\w.@-]+)+\/?$/.test(text) &&
    topFolders.has(text.split('/')[0]!) &&
    !text.includes('NAME')
  );
}

function deadPaths(page: Page): readonly string[] {
  const inBlocks = codeBlocks(page).map(({ text }) => text);
  const words = [...inlineCode(page), ...inBlocks].flatMap((code) => code.split(/\s+/));
  return words.filter((word) => isRepositoryPath(word) && !exists(word));
}

describe.each(allPages().map((page) => [page.path, page] as const))('%s', (_, page) => {
  it('has no dead link', () => {
    expect(deadLinks(page)).toEqual([]);
  });

  it('names no file that is not there', () => {
    expect(deadPaths(page)).toEqual([]);
  });
});

it('sources and the changelog name pages that exist', () => {
  const readers = files.filter((path) => /\.(ts|mjs|js|yaml|md)$/.test(path));
  // Of the views the page shows what migrations said, and those that have landed are never edited.
  const exempt = ['docs/reference/views.md', 'test/docs/links.test.ts'];
  const dead = readers.flatMap((path) => {
    if (!exists(path) || exempt.includes(path)) return [];
    const text = readFileSync(join(repositoryRoot, path), 'utf8');
    const named = text.match(/(?<![\w./-])docs\/[\w/-]+\.md/g) ?? [];
    return named.filter((page) => !exists(page)).map((page) => `${path}: ${page}`);
  });
  expect(dead).toEqual([]);
});

it('every page of docs/ is reached from the index', () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const targets = linkTargets(readPage(path)).filter((target) => /^[^:#]+\.md(#|$)/.test(target));
    for (const target of targets) visit(normalize(join(dirname(path), target.split('#')[0]!)));
  };
  visit('docs/README.md');
  const pages = allPages().map(({ path }) => path);
  expect(pages.filter((path) => path.startsWith('docs/') && !reached.has(path))).toEqual([]);
});

it('a dead link, anchor, image or path is found', () => {
  const text = `# A page

[file](nowhere.md), [anchor](#elsewhere), [own](#a-page), <img src="missing.svg" alt="">,
\`npx vitest run cli/nowhere.ts\`, \`attack/A-B/pgd\`, \`cli/NAME.ts\`, [web](https://example.org)
`;
  const page = { path: 'docs/page.md', text };
  expect(deadLinks(page)).toEqual(['nowhere.md', '#elsewhere', 'missing.svg']);
  expect(deadPaths(page)).toEqual(['cli/nowhere.ts']);
});
