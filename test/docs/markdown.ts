/** The documentation as tests read it: pages, their code blocks, links and headings. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../settings/paths.js';

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Block {
  readonly language: string;
  readonly text: string;
}

/** Files of the repository, tracked or about to be. */
export function repositoryFiles(...patterns: readonly string[]): readonly string[] {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listed = execFileSync('git', [...options, '--', ...patterns], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((path) => path !== '');
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(repositoryRoot, path), 'utf8') };
}

/** What people read: README, CONTRIBUTING and everything in docs/. */
export function allPages(): readonly Page[] {
  return ['README.md', 'CONTRIBUTING.md', ...repositoryFiles('docs/*.md')].map(readPage);
}

const fence = /^```(\S*)\n([^]*?)^```$/gm;

export function codeBlocks({ text }: Page): readonly Block[] {
  return [...text.matchAll(fence)].map(([, language, code]) => ({
    language: language!,
    text: code!,
  }));
}

function prose({ text }: Page): string {
  return text.replaceAll(fence, '');
}

/** What stands between backticks in a line. */
export function inlineCode(page: Page): readonly string[] {
  return [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
}

/** Targets of links and images, in Markdown and in HTML. */
export function linkTargets(page: Page): readonly string[] {
  const text = prose(page).replaceAll(/`[^`\n]*`/g, '``');
  const markdown = [...text.matchAll(/\]\(([^)\s]+)\)/g)];
  const html = [...text.matchAll(/(?:src|href)="([^"]+)"/g)];
  return [...markdown, ...html].map(([, target]) => target!);
}

/** Anchors as GitHub makes them of headings. */
export function anchors(page: Page): ReadonlySet<string> {
  const found = new Map<string, number>();
  const names = [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => {
    const slug = heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const before = found.get(slug) ?? 0;
    found.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
  return new Set(names);
}
