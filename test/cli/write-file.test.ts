import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { tryOutput, writeWholeFile } from '../../cli/terminal/write-file.js';

const folder = fs.mkdtempSync(join(tmpdir(), 'isthmus-write-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

it('makes missing folders and leaves nothing else', () => {
  const path = join(folder, 'made', 'deep', 'a.html');
  tryOutput(path);
  expect(fs.readdirSync(folder)).toEqual([]);
  writeWholeFile(path, 'whole');
  expect(fs.readFileSync(path, 'utf8')).toBe('whole');
  expect(fs.readdirSync(join(folder, 'made', 'deep'))).toEqual(['a.html']);
});

it('leaves no part behind when it fails, and what was there before as it was', () => {
  const path = join(folder, 'taken');
  fs.mkdirSync(join(path, 'inside'), { recursive: true });
  expect(() => writeWholeFile(path, 'x')).toThrow(/cannot write ".*taken"/);
  expect(fs.readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(fs.readdirSync(path)).toEqual(['inside']);
});

it('writes through a link and into a device instead of replacing them', () => {
  const [target, link] = [join(folder, 'target'), join(folder, 'link')];
  fs.writeFileSync(target, 'old');
  fs.symlinkSync(target, link);
  writeWholeFile(link, 'new');
  expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
  expect(fs.readFileSync(target, 'utf8')).toBe('new');
  tryOutput('/dev/null');
  writeWholeFile('/dev/null', 'gone');
  expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  expect(() => tryOutput('/dev/full')).toThrow('ENOSPC');
});

it('does not trust a part of another process with a name like its own', () => {
  const path = join(folder, 'two');
  fs.writeFileSync(`${path}.part`, 'half of another');
  writeWholeFile(path, 'mine');
  expect(fs.readFileSync(path, 'utf8')).toBe('mine');
  expect(fs.readFileSync(`${path}.part`, 'utf8')).toBe('half of another');
});
