/** The first hour as a newcomer has it: every command of the page, on a stack of its own, in the order of the page. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { down } from '../../infra/local/index.js';
import { generatedDir, repositoryRoot } from '../../settings/paths.js';
import type { Environment } from '../cli/isthmus.js';
import { freeStackEnv } from '../environment.js';
import { codeBlocks, readPage } from './markdown.js';

const page = readPage('docs/getting-started/first-hour.md');
const blocks = codeBlocks(page);
const folder = join(generatedDir, 'test', `first-hour-${process.pid}`);
const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
const env = { ...freeStackEnv(join(folder, 'home')), PATH: path } as Environment;

interface Ended {
  readonly code: number;
  readonly output: string;
}

function shell(script: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile('bash', ['-e', '-c', script], { cwd: folder, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: stdout + stderr });
    });
  });
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(repositoryRoot, 'isthmus'), join(folder, 'isthmus'));
  const [experiment] = blocks.filter(({ language }) => language === 'yaml');
  writeFileSync(join(folder, 'first.yaml'), experiment!.text);
});

afterAll(async () => {
  await down(env, () => undefined);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const outputs: string[] = [];

it.each(blocks.filter(({ language }) => language === 'sh').map(({ text }) => [text]))(
  '%s',
  async (script) => {
    const { code, output } = await shell(script);
    expect(code, output).toBe(0);
    outputs.push(output);
  },
  300_000,
);

it('does what the page says of it', () => {
  for (const file of ['first.html', 'first.csv', 'outcomes.safetensors'])
    expect(existsSync(join(folder, file)), file).toBe(true);
  expect(outputs.some((output) => output.includes('9 runs: 9 new'))).toBe(true);
  expect(outputs.some((output) => output.includes('7 cached, 2 stale'))).toBe(true);
});

it('a command that fails is found, in the middle of a block too', async () => {
  const { code } = await shell('./isthmus plan frist.yaml\n./isthmus plan first.yaml');
  expect(code).not.toBe(0);
});
