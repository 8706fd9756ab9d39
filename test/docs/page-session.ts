/** The commands of a page as a newcomer has them: in a folder and on a stack of their own, in the order of the page. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { down } from '../../infra/local/index.js';
import { generatedDir, repositoryRoot } from '../../settings/paths.js';
import type { Environment } from '../cli/isthmus.js';
import { freeStackEnv } from '../environment.js';
import { codeBlocks, readPage } from './markdown.js';

interface Ended {
  readonly code: number;
  readonly output: string;
}

export interface PageSession {
  readonly folder: string;
  /** Blocks of shell, in order. */
  readonly scripts: readonly string[];
  /** The text of the blocks in a language, in order. */
  blocks(language: string): readonly string[];
  open(files: Readonly<Record<string, string>>): void;
  shell(script: string): Promise<Ended>;
  close(): Promise<void>;
}

/** Runs the blocks of shell one after the other, each a test; their outputs, as far as they have run. */
export function runCommands(page: PageSession): readonly string[] {
  const outputs: string[] = [];
  it.each(page.scripts.map((script) => [script]))(
    '%s',
    async (script) => {
      const { code, output } = await page.shell(script);
      expect(code, output).toBe(0);
      outputs.push(output);
    },
    300_000,
  );
  return outputs;
}

export function pageSession(path: string): PageSession {
  const all = codeBlocks(readPage(path));
  const blocks = (language: string) =>
    all.filter((block) => block.language === language).map(({ text }) => text);
  const name = path.replace(/.*\//, '').replace('.md', '');
  const folder = join(generatedDir, 'test', `${name}-${process.pid}`);
  const programs = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const env = {
    ...freeStackEnv(join(folder, 'home')),
    ...{ PATH: programs, ISTHMUS_DATA_DIR: join(folder, 'data') },
  } as Environment;
  return {
    folder,
    scripts: blocks('sh'),
    blocks,
    open(files) {
      mkdirSync(folder, { recursive: true });
      symlinkSync(join(repositoryRoot, 'isthmus'), join(folder, 'isthmus'));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    },
    shell: (script) =>
      new Promise((resolve) => {
        execFile('bash', ['-e', '-c', script], { cwd: folder, env }, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, output: stdout + stderr });
        });
      }),
    async close() {
      await down(env, () => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
