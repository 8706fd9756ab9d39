/** Archives: the same bytes for the same files, whoever packs them and on how many cores. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pack } from '../../../infra/bundle/pack.js';
import { repositoryRoot } from '../../../settings/paths.js';
import { sha256 } from '../../../stores/sha256.js';
import { contents, entriesIn, never } from './tiny-bundle.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isthmus-pack-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const name = 'isthmus-cpu.tar.xz';

/** Packs into a folder of its own. */
async function packed(entries: Parameters<typeof pack>[0], partBytes: number | null = null) {
  const out = mkdtempSync(join(folder, 'out-'));
  const described = await pack(entries, { folder: out, name, partBytes, signal: never });
  return { out, described };
}

it('neither times, modes, places nor the order of the entries are in the bytes', async () => {
  const one = await packed(entriesIn(join(folder, 'one'), contents));
  const entries = entriesIn(join(folder, 'other-place'), contents);
  for (const { source } of entries) {
    utimesSync(source, 1, 1);
    chmodSync(source, 0o600);
  }
  const other = await packed([...entries].reverse());
  expect(other.described).toEqual(one.described);
  expect(readFileSync(join(other.out, name))).toEqual(readFileSync(join(one.out, name)));
});

it('content, path and being a program are', async () => {
  const { described } = await packed(entriesIn(join(folder, 'one'), contents));
  const entries = entriesIn(join(folder, 'two'), contents);
  const [first, ...rest] = entries as [(typeof entries)[0], ...typeof entries];
  const others = [
    entriesIn(join(folder, 'three'), { ...contents, 'isthmus/empty': 'x' }),
    [{ ...first, path: 'bin/other' }, ...rest],
    [{ ...first, executable: false }, ...rest],
  ];
  for (const other of others) {
    expect((await packed(other)).described.archive.sha256).not.toBe(described.archive.sha256);
  }
});

it('the archive is tar and xz as other programs know them, without a trace of this machine', async () => {
  const { out } = await packed(entriesIn(join(folder, 'one'), contents));
  const { stdout } = spawnSync('tar', ['-tvJf', join(out, name), '--numeric-owner', '--utc'], {
    encoding: 'utf8',
  });
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' ')),
  ).toEqual([
    '-rwxr-xr-x 0/0 9 1970-01-01 00:00 bin/node',
    '-rw-r--r-- 0/0 0 1970-01-01 00:00 isthmus/empty',
    '-rw-r--r-- 0/0 2 1970-01-01 00:00 isthmus/package.json',
  ]);
});

it('parts together are the archive, each of the size asked for but the last', async () => {
  const entries = entriesIn(join(folder, 'one'), contents);
  const whole = await packed(entries);
  const { out, described } = await packed(entries, 100);
  expect(described.archive).toEqual(whole.described.archive);
  const parts = readdirSync(out).sort();
  expect(described.parts.map((part) => part.name)).toEqual(parts);
  expect(parts.slice(0, 2)).toEqual([`${name}.000`, `${name}.001`]);
  expect(described.parts.slice(0, -1).every(({ size }) => size === 100)).toBe(true);
  const bytes = parts.map((part) => readFileSync(join(out, part)));
  expect(Buffer.concat(bytes)).toEqual(readFileSync(join(whole.out, name)));
  described.parts.forEach(({ sha256: digest }, i) => expect(digest).toBe(sha256(bytes[i]!)));
});

it('an archive of a multiple of the part size has no empty part', async () => {
  const entries = entriesIn(join(folder, 'one'), contents);
  const { size } = (await packed(entries)).described.archive;
  expect((await packed(entries, size)).described.parts).toHaveLength(1);
});

/** Runs pack.py on a single core. */
function packedOnOneCore(entries: Parameters<typeof pack>[0]): Buffer {
  const out = join(folder, 'one-core');
  mkdirSync(out);
  const script = join(repositoryRoot, 'infra/bundle/pack.py');
  const program = `import os, runpy
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
runpy.run_path(${JSON.stringify(script)})`;
  const input = JSON.stringify({ folder: out, name, partBytes: null, entries });
  expect(spawnSync('python3', ['-c', program], { input }).status).toBe(0);
  return readFileSync(join(out, name));
}

it('the number of cores is not in the bytes', async () => {
  // Two streams, of which the first takes longer.
  const large = new Uint8Array(34 * 2 ** 20);
  for (let i = 0; i < 2 ** 20; i++) large[i] = (i * i) % 251;
  const entries = entriesIn(join(folder, 'one'), { large });
  const { out } = await packed(entries);
  expect(packedOnOneCore(entries)).toEqual(readFileSync(join(out, name)));
});

it('a file that is missing ends in one line', async () => {
  const [entry] = entriesIn(join(folder, 'one'), contents) as [Parameters<typeof pack>[0][0]];
  rmSync(entry.source);
  await expect(packed([entry])).rejects.toThrow(/pack\.py failed \(1\): FileNotFoundError/);
});
