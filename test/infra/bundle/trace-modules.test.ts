/** Modules of a program: what it loads, as Node finds it, and nothing that lies beside it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { traceModules } from '../../../infra/bundle/trace-modules.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'isthmus-trace-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

const trace = (...entries: readonly string[]) =>
  traceModules({ root, own: 'build', entries: entries.map((path) => join(root, path)) });

const tensors = {
  'node_modules/tensors/package.json': '{ "name": "tensors", "main": "dist/node.js" }',
  'node_modules/tensors/dist/node.js': 'require("./kernel"); require("helper")',
  'node_modules/tensors/dist/kernel.js': '',
  'node_modules/tensors/dist/browser.js': '',
  'node_modules/tensors/README.md': '',
  'node_modules/helper/package.json':
    '{ "name": "helper", "exports": { "require": "./a.cjs", "import": "./a.mjs" } }',
  'node_modules/helper/a.cjs': 'try { require("absent") } catch {}',
  'node_modules/helper/a.mjs': '',
};

it('of each package the files that are loaded, with its package.json', async () => {
  write({
    'package.json': '{ "type": "module" }',
    'build/main.js': 'import "tensors"; await import("./later.js")',
    'build/later.js': '',
    'build/other.js': '',
    ...tensors,
  });
  expect(await trace('build/main.js')).toEqual([
    'build/later.js',
    'build/main.js',
    'node_modules/helper/a.cjs',
    'node_modules/helper/package.json',
    'node_modules/tensors/dist/kernel.js',
    'node_modules/tensors/dist/node.js',
    'node_modules/tensors/package.json',
    'package.json',
  ]);
});

it('native files are left to those who strip them', async () => {
  write({
    'build/main.js': 'require("addon")',
    'node_modules/addon/package.json': '{ "name": "addon", "main": "index.js" }',
    'node_modules/addon/index.js': 'require("./lib/addon.node")',
    'node_modules/addon/lib/addon.node': '',
    'node_modules/addon/deps/lib/library.so': '',
  });
  expect(await trace('build/main.js')).toEqual([
    'build/main.js',
    'node_modules/addon/index.js',
    'node_modules/addon/package.json',
  ]);
});

it.each(['./absent.js', 'absent'])(
  'an import of the program itself that leads nowhere is an error: %s',
  async (name) => {
    write({ 'build/main.js': `import ${JSON.stringify(name)}` });
    await expect(trace('build/main.js')).rejects.toThrow('absent');
  },
);

it('so is an entry that is not there', async () => {
  await expect(trace('build/absent.js')).rejects.toThrow('absent.js');
});
