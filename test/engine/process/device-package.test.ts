/** A worker for one device needs the package of that device only. */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageOf, type Device } from '../../../engine/process/device-package.js';
import { compiled } from '../../compiled.js';

const nodes = [
  { kind: 'placeholder', name: 'x', dtype: 'float32', shape: [2, 3] },
  { kind: 'op', name: 'y', op: 'Relu', inputs: ['x'], attributes: [] },
];

/** Encodes a graph in a process that does not find these packages. */
function encodeWithout(hidden: readonly string[]): string {
  const program = `
    import Module from 'node:module';
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (request, ...rest) {
      if (!${JSON.stringify(hidden)}.some((name) => request.startsWith(name + '/'))) {
        return resolve.call(this, request, ...rest);
      }
      throw Object.assign(new Error('not installed: ' + request), { code: 'MODULE_NOT_FOUND' });
    };
    const { encodeSavedModel } = await import(${JSON.stringify(pathToFileURL(compiled('engine/process/saved-model.ts')).href)});
    console.log(Buffer.from(encodeSavedModel(${JSON.stringify(nodes)}, {})).toString('hex'));
  `;
  const args = ['--input-type=module', '--eval', program];
  return execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' }).trim();
}

test('a graph is encoded to the same bytes by the package of either device alone', () => {
  const both = encodeWithout([]);
  expect(both).toMatch(/^([0-9a-f]{2})+$/);
  for (const device of ['cpu', 'gpu'] satisfies Device[]) {
    expect(encodeWithout([packageOf[device]])).toBe(both);
  }
});

test('without either there is a line that says so', () => {
  expect(() => encodeWithout(Object.values(packageOf))).toThrow(/is installed: npm run setup/);
});
