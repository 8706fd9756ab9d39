/** install.py: a bundle is unpacked whole and true to its digests, or refused without a trace. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../stores/sha256.js';
import { contents, install, lie, tinyBundle } from './tiny-bundle.js';

const kept = mkdtempSync(join(tmpdir(), 'isthmus-install-'));
let folder = '';
let target = '';
beforeAll(async () => {
  await tinyBundle(join(kept, 'whole'), null);
  await tinyBundle(join(kept, 'parts'), 50);
});
beforeEach(() => {
  folder = mkdtempSync(join(kept, 'test-'));
  target = join(folder, 'installed', 'isthmus');
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(() => rmSync(kept, { recursive: true }));

/** A copy to do anything with. */
function bundleCopy(kind: 'whole' | 'parts'): string {
  const bundle = join(folder, 'bundle');
  cpSync(join(kept, kind, 'out'), bundle, { recursive: true });
  return bundle;
}

/** One line that says why, exit code 1, and nothing where the bundle was to go. */
function expectRefusal(bundle: string, why: string | RegExp): void {
  const { status, stdout, stderr } = install(bundle, target);
  expect(stderr).toMatch(why);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(existsSync(target)).toBe(false);
  const beside = join(folder, 'installed');
  expect(existsSync(beside) ? readdirSync(beside) : []).toEqual([]);
}

describe('a bundle is unpacked', () => {
  it.each([
    ['whole', 'whole'],
    ['in parts', 'parts'],
  ] as const)('%s', (_, kind) => {
    const bundle = bundleCopy(kind);
    expect(readdirSync(bundle).length > 3).toBe(kind === 'parts');
    const { status, stdout, stderr } = install(bundle, target);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\/.+: Isthmus [\d.]+ for cpu, 3 files, 0 MB\n$/);
    for (const [path, content] of Object.entries(contents)) {
      expect(readFileSync(join(target, path), 'utf8')).toBe(content);
    }
    expect(readdirSync(target)).toEqual(['bin', 'bundle.json', 'isthmus']);
    expect(readdirSync(join(folder, 'installed'))).toEqual(['isthmus']);
    expect(statSync(join(target, 'bin/node')).mode & 0o111).toBe(0o111);
    expect(statSync(join(target, 'isthmus/empty')).mode & 0o111).toBe(0);
  });

  it('into an empty folder', () => {
    const bundle = bundleCopy('whole');
    mkdirSync(target, { recursive: true });
    expect(install(bundle, target).status).toBe(0);
    expect(readFileSync(join(target, 'bin/node'), 'utf8')).toBe('a program');
  });
});

describe('refused', () => {
  it('a folder that is not empty, and a file in its place', () => {
    const bundle = bundleCopy('whole');
    mkdirSync(join(target, 'bin'), { recursive: true });
    const { status, stderr } = install(bundle, target);
    expect([status, stderr]).toEqual([1, expect.stringContaining('not an empty folder')]);
    expect(readdirSync(target)).toEqual(['bin']);
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    expect(install(bundle, file).stderr).toContain('not an empty folder');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('a damaged part', () => {
    const bundle = bundleCopy('parts');
    const part = join(bundle, 'isthmus-cpu.tar.xz.001');
    const bytes = readFileSync(part);
    bytes[7]! ^= 1;
    writeFileSync(part, bytes);
    expectRefusal(bundle, /\.001 is damaged/);
  });

  it('a part that is cut short, and one that is too long', () => {
    const bundle = bundleCopy('parts');
    const part = join(bundle, 'isthmus-cpu.tar.xz.000');
    const bytes = readFileSync(part);
    writeFileSync(part, bytes.subarray(0, 49));
    expectRefusal(bundle, /\.000 is damaged/);
    writeFileSync(part, bytes);
    appendFileSync(part, 'x');
    expectRefusal(bundle, /\.000 is damaged/);
  });

  it('a missing part', () => {
    const bundle = bundleCopy('parts');
    rmSync(join(bundle, 'isthmus-cpu.tar.xz.001'));
    expectRefusal(bundle, /\.001 is missing: \d parts are needed/);
  });

  it('parts that are each as listed, and together another archive', () => {
    const bundle = bundleCopy('parts');
    lie(bundle, ({ parts }) => void parts.reverse());
    expectRefusal(bundle, /together they have another sha256/);
  });

  it('a missing manifest, one that is none, and one of another format', () => {
    const bundle = bundleCopy('whole');
    lie(bundle, (manifest) => void (manifest.format = 2));
    expectRefusal(bundle, /is not of format 1/);
    writeFileSync(join(bundle, 'bundle.json'), '{"format": 1,');
    expectRefusal(bundle, /bundle\.json cannot be read/);
    writeFileSync(join(bundle, 'bundle.json'), '{"format": 1}');
    expectRefusal(bundle, /KeyError: 'files'/);
    rmSync(join(bundle, 'bundle.json'));
    expectRefusal(bundle, /bundle\.json cannot be read/);
  });
});

describe('a manifest that lies is refused', () => {
  it.each([
    [
      'about a digest',
      (files: Listed) => void (files[0]!.sha256 = sha256(Buffer.from('x'))),
      /bin\/node is not what/,
    ],
    ['about a size', (files: Listed) => void (files[0]!.size = 8), /bin\/node is not what/],
    [
      'by leaving out a file',
      (files: Listed) => void files.pop(),
      /'isthmus\/package.json', which bundle.json does not list/,
    ],
    [
      'by a file too many',
      (files: Listed) => void files.push({ ...files[0]!, path: 'more' }),
      /lacks 'more'/,
    ],
    ['by naming a file twice', (files: Listed) => void files.push(files[0]!), /'bin\/node' twice/],
    [
      'by naming itself',
      (files: Listed) => void (files[0]!.path = 'bundle.json'),
      /'bundle.json' twice/,
    ],
    [
      'by more than the disk takes',
      (files: Listed) => void (files[0]!.size = 1e18),
      /MB are needed/,
    ],
  ])('%s', (_, change, why) => {
    const bundle = bundleCopy('whole');
    lie(bundle, ({ files }) => change(files));
    expectRefusal(bundle, why);
  });

  it.each(['../escape', '/tmp/escape', 'a/../../escape', '..', '.', '', 'a//b', './a', 'a/.'])(
    'by listing %j',
    (path) => {
      const bundle = bundleCopy('whole');
      lie(bundle, ({ files }) => void (files[0]!.path = path));
      expectRefusal(bundle, /which is no path in the bundle/);
    },
  );

  it('by a part outside its folder', () => {
    const bundle = bundleCopy('whole');
    lie(bundle, ({ parts }) => void (parts[0]!.name = '../out/isthmus-cpu.tar.xz'));
    expectRefusal(bundle, /which is no file name/);
  });
});

type Listed = Parameters<Parameters<typeof lie>[1]>[0]['files'];

/** Replaces the archive by one with a single member, and has bundle.json list its digest. */
function forged(member: string): string {
  const bundle = bundleCopy('whole');
  const path = join(bundle, 'isthmus-cpu.tar.xz');
  const script = `import io, sys, tarfile
with tarfile.open(sys.argv[1], "w:xz") as archive:
    member = tarfile.TarInfo()
    ${member}
    archive.addfile(member, io.BytesIO(b"x" * member.size))`;
  expect(spawnSync('python3', ['-c', script, path]).status).toBe(0);
  const described = { size: statSync(path).size, sha256: sha256(readFileSync(path)) };
  lie(bundle, (manifest) => {
    manifest.archive = { ...manifest.archive, ...described };
    manifest.parts = [manifest.archive];
  });
  return bundle;
}

describe('an archive that was tampered with is refused', () => {
  it.each([
    ['a path out of the target', 'member.name, member.size = "../escape", 1'],
    ['an absolute path', 'member.name, member.size = "/tmp/escape", 1'],
    ['a file that is not listed', 'member.name, member.size = "extra", 1'],
    [
      'a link in place of a file',
      'member.name, member.type, member.linkname = "bin/node", tarfile.SYMTYPE, "/bin/sh"',
    ],
    [
      'a hard link',
      'member.name, member.type, member.linkname = "bin/node", tarfile.LNKTYPE, "bin/node"',
    ],
    ['a folder in place of a file', 'member.name, member.type = "bin/node", tarfile.DIRTYPE'],
    ['a device', 'member.name, member.type = "bin/node", tarfile.CHRTYPE'],
  ])('%s', (_, member) => {
    expectRefusal(forged(member), /which bundle\.json does not list as a file/);
    expect(existsSync(join(folder, 'installed', 'escape'))).toBe(false);
  });

  it('other content under a listed name', () => {
    const bundle = forged('member.name, member.size = "bin/node", 9');
    expectRefusal(bundle, /bin\/node is not what bundle\.json lists/);
  });

  it('no archive at all', () => {
    const bundle = bundleCopy('whole');
    const path = join(bundle, 'isthmus-cpu.tar.xz');
    writeFileSync(path, 'no archive');
    lie(bundle, (manifest) => {
      manifest.archive.sha256 = manifest.parts[0]!.sha256 = sha256(readFileSync(path));
    });
    expectRefusal(bundle, /cannot be unpacked: LZMAError/);
  });
});
