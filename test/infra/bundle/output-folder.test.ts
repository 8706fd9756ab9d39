/** An output folder is whole, or as it was before. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withDraft } from '../../../infra/bundle/output-folder.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isthmus-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string) => async (draft: string) => writeFileSync(join(draft, name), 'new');

function occupied(...names: readonly string[]): string {
  const output = join(folder, 'out');
  mkdirSync(output);
  for (const name of names) writeFileSync(join(output, name), 'old');
  return output;
}

it('a new folder is made, with those above it', async () => {
  await withDraft(join(folder, 'a/b'), write('bundle.json'));
  expect(readdirSync(join(folder, 'a'))).toEqual(['b']);
  expect(readdirSync(join(folder, 'a/b'))).toEqual(['bundle.json']);
});

it('an earlier bundle is replaced, with parts that the new one lacks', async () => {
  const names = ['bundle.json', 'install.py', 'isthmus-gpu.tar.xz.000', 'isthmus-cpu.tar.xz'];
  const output = occupied(...names);
  await withDraft(output, write('bundle.json'));
  expect(readdirSync(output)).toEqual(['bundle.json']);
});

it.each(['notes.txt', 'isthmus-tpu.tar.xz', 'isthmus-gpu.tar.xz.1'])(
  'a folder that holds %s is left alone, before any work',
  async (name) => {
    const output = occupied('bundle.json', name);
    let worked = false;
    const work = async () => void (worked = true);
    await expect(withDraft(output, work)).rejects.toThrow(`it holds ${name}`);
    expect(worked).toBe(false);
    expect(readdirSync(output)).toContain(name);
  },
);

it('a file is left alone', async () => {
  const output = join(folder, 'file');
  writeFileSync(output, '');
  await expect(withDraft(output, write('x'))).rejects.toThrow('it is a file');
});

it('a failure leaves no draft, and what was there', async () => {
  const output = occupied('bundle.json');
  const fail = async (draft: string) => {
    await write('half')(draft);
    throw new Error('full disk');
  };
  await expect(withDraft(output, fail)).rejects.toThrow('full disk');
  expect(readdirSync(folder)).toEqual(['out']);
  expect(readdirSync(output)).toEqual(['bundle.json']);
  expect(existsSync(join(output, 'half'))).toBe(false);
});
