/** Networks of a user's own in `plan`: what it prints of them, and modules that it refuses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { examineModule } from '../../cli/experiments/examine-module.js';
import { compiled } from '../compiled.js';
import { cleanEnv } from '../environment.js';
import { isthmus } from './isthmus.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-own-network-'));
// No stack is needed to plan.
const env = { ...cleanEnv(), ISTHMUS_HOME: join(folder, 'none'), NO_COLOR: '1' };
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'own.yaml');
const planned = (model: string, ...args: string[]) => {
  writeFileSync(
    file,
    `name: own\ndataset: mnist\nmodel: ${model}\nendpoints: { A: { seed: 1 } }\n`,
  );
  return isthmus(env, 'plan', file, ...args);
};
const errorLines = ({ stderr }: { stderr: string }) =>
  stderr.split('\n').filter((line) => line.startsWith('error: '));

const layers = '[{ conv: { filters: 2, size: 3, stride: 2 } }, relu, flatten, { dense: classes }]';

test('plan prints the shape after each layer of a network of the file, and its size', async () => {
  const { code, stdout } = await planned(`{ name: tiny, layers: ${layers} }`);
  expect(code).toBe(0);
  expect(stdout).toContain(`
tiny       layer         shape after it  parameters
layers[0]  conv conv1    14 x 14 x 2             20
layers[1]  relu          14 x 14 x 2              0
layers[2]  flatten       392                      0
layers[3]  dense dense1  10                   3,930
`);
  expect(stdout).toContain('network: tiny on mnist, 3,950 parameters, 0.0 MB');
  const { stdout: json } = await planned(`{ layers: ${layers} }`, '--json');
  const [network] = (JSON.parse(json) as { networks: unknown[] }).networks;
  expect(network).toMatchObject({ model: 'own-network', parameters: 3950 });
  expect(network).toHaveProperty('layers.0', {
    ...{ at: 'layers[0]', layer: 'conv conv1', depth: 0, shape: [14, 14, 2], parameters: 20 },
  });
});

test('a module of layers has the runs of the same layers in the file', async () => {
  writeFileSync(
    join(folder, 'layers.mjs'),
    `export const layers = ${layers.replace('relu', '"relu"').replace('flatten', '"flatten"').replace('classes', '"classes"')};`,
  );
  const keys = (json: string) => (JSON.parse(json) as { runs: { key: string }[] }).runs;
  const [module, written] = [
    await planned('./layers.mjs', '--json'),
    await planned(`{ layers: ${layers} }`, '--json'),
  ];
  expect(module.code, module.stderr).toBe(0);
  expect(keys(module.stdout).map(({ key }) => key)).toEqual(
    keys(written.stdout).map(({ key }) => key),
  );
  expect(JSON.parse(module.stdout)).toMatchObject({ networks: [{ model: 'layers' }] });

  writeFileSync(join(folder, 'wrong.js'), 'export const layers = ["relu", { cnov: {} }];');
  const wrong = await planned('./wrong.js');
  expect([wrong.code, errorLines(wrong)]).toEqual([
    1,
    [
      `error: ${join(folder, 'wrong.js')}: layers[1]: no layer is called "cnov" (did you mean "conv"?)`,
    ],
  ]);
});

const linear = (body: string) => `
export const parameters = ({ classes }) => [{ name: 'w', shape: [784, classes] }];
export function forward({ tf, weights, images }) {
  console.log('said by the module');
  const x = tf.reshape(images, [images.shape[0], 784]);
  ${body}
}`;

test('plan examines a function of tensors and prints its parameters', async () => {
  writeFileSync(join(folder, 'net.js'), linear('return tf.matMul(x, weights.w);'));
  const { code, stdout, stderr } = await planned('./net.js');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('\nnet  shape     parameters\nw    784 x 10       7,840\n');
  expect(stdout).not.toContain('said by the module');
});

test.each([
  ['throw new Error("no such thing")', 'forward throws Error: no such thing'],
  [
    'return x;',
    'forward throws Error: forward gives a tensor [2, 784], not [batch, classes], here [2, 10]',
  ],
  // tfjs has no gradient of this one.
  [
    'return tf.add(tf.matMul(x, weights.w), tf.mean(tf.reverse(tf.topk(x, 3).values, 1), 1, true));',
    /^the gradient of forward throws Error: /,
  ],
  ['process.exit(3);', 'could not be examined: its process ended'],
])('a module is refused in one line without a stack: %s', async (body, message) => {
  const path = join(folder, 'bad.js');
  writeFileSync(path, linear(body));
  const ended = await planned('./bad.js');
  expect(ended.code).toBe(1);
  const [line, ...more] = errorLines(ended);
  expect(more).toEqual([]);
  const said = line!.replace(`error: ${path}: `, '');
  if (typeof message === 'string') expect(said).toBe(message);
  else expect(said).toMatch(message);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
});

test.each([
  ['./none.js', /^error: .*none\.js: there is no such file or folder$/],
  ['./', /^error: .*: not a file$/],
])('%s is refused', async (path, message) => {
  const ended = await planned(path);
  expect([ended.code, errorLines(ended)]).toEqual([1, [expect.stringMatching(message)]]);
});

test('a module that is too large, or no text, is refused', async () => {
  writeFileSync(join(folder, 'large.js'), Buffer.alloc(2 ** 20 + 1, ' '));
  expect(errorLines(await planned('./large.js'))).toEqual([
    expect.stringContaining('large.js: 1048577 bytes; at most 1048576 are read'),
  ]);
  writeFileSync(join(folder, 'binary.js'), Buffer.from([0x61, 0xff]));
  expect(errorLines(await planned('./binary.js'))).toEqual([
    expect.stringContaining('binary.js: the byte 0xFF is no UTF-8'),
  ]);
});

test('one that does not end is stopped', async () => {
  const path = compiled('cli/experiments/examine-module.ts');
  const program = (await import(path)) as { examineModule: typeof examineModule };
  const text = linear('for (;;);');
  const asked = program.examineModule('net.js', { text, shape: [28, 28, 1], classes: 10 }, 1);
  await expect(asked).rejects.toThrow('net.js: takes more than 1 s to build its graph');
});
