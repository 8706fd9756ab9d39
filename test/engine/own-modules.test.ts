/** Modules of networks: what their examination finds, what it refuses in one line, and that engines compute the same. */
import { describe, expect, test } from 'vitest';
import type { Examined } from '../../experiment/config/network-module.js';
import type { ModuleModel } from '../../experiment/catalogue/models/own-model.js';
import { modelWeights } from '../../experiment/catalogue/models/index.js';
import { examine } from '../../engine/networks/examine.js';
import { networkFor } from '../../engine/networks/network-for.js';
import { modelFor } from '../../numerics/models/registry.js';
import { toTensors } from '../../numerics/models/parameters.js';
import { stream } from '../../numerics/random.js';
import { expectNoLeaks } from '../numerics/engine.js';
import { memoryBlobs } from './memory-context.js';
import * as tf from '@tensorflow/tfjs';

expectNoLeaks();

const input = { shape: [8, 6, 1], classes: 3 } as const;
const ask = (text: string) => examine({ text, ...input });

/** mlp of the catalogue as a function of tensors. */
const mlp = `
export const parameters = ({ shape, classes }) => {
  const sizes = [shape[0] * shape[1] * shape[2], 256, 256, classes];
  return sizes.slice(1).flatMap((units, i) => [
    { name: \`dense\${i + 1}.weight\`, shape: [sizes[i], units], initial: 'he-normal' },
    { name: \`dense\${i + 1}.bias\`, shape: [units] },
  ]);
};
export function forward({ tf, weights, images }) {
  let x = images.reshape([images.shape[0], -1]);
  for (let i = 1; i <= 3; i++) {
    x = tf.add(tf.matMul(x, weights[\`dense\${i}.weight\`]), weights[\`dense\${i}.bias\`]);
    if (i < 3) x = tf.relu(x);
  }
  return x;
}`;

const linear = (body: string, before = '') => `${before}
export const parameters = [{ name: 'w', shape: [48, 3] }];
export function forward({ tf, weights, images, training }) {
  const x = tf.reshape(images, [images.shape[0], 48]);
  ${body}
}`;

function facts(found: Examined): Omit<ModuleModel, 'name' | 'module'> {
  if (found.kind === 'function') return found.facts;
  throw new Error(JSON.stringify(found));
}

test('of a function the parameters, multiplications and derivatives are known', async () => {
  const { parameters, products } = modelWeights('mlp', input.shape, input.classes);
  expect(facts(await ask(mlp))).toEqual({
    ...{ input, parameters, products, drops: false },
    withoutTangent: { images: null, weights: null },
  });
});

test('multiplications of convolutions are counted as for layers', async () => {
  const text = `
export const parameters = [{ name: 'k', shape: [3, 3, 1, 4] }, { name: 'd', shape: [3, 3, 4, 1] }, { name: 'w', shape: [192, 3] }];
export function forward({ tf, weights: { k, d, w }, images }) {
  const x = tf.depthwiseConv2d(tf.conv2d(images, k, 1, 'same'), d, 1, 'same');
  return tf.matMul(w, tf.reshape(x, [images.shape[0], -1]), true, true).transpose();
}`;
  expect(facts(await ask(text)).products).toBe(48 * 9 * 4 + 48 * 9 * 4 + 192 * 3);
});

test('an engine computes the logits of the same network written as layers', async () => {
  const blobs = memoryBlobs();
  const spec = {
    name: 'mine',
    module: await blobs.put(Buffer.from(mlp)),
    ...facts(await ask(mlp)),
  };
  const mine = await networkFor({ blobs }, spec, input.shape, input.classes);
  const theirs = modelFor('mlp', input.shape, input.classes);
  const [a, b] = [mine, theirs].map((model) =>
    tf.tidy(() => {
      const weights = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
      const images = tf.tensor(
        Float32Array.from({ length: 96 }, (_, i) => i / 96),
        [2, 8, 6, 1],
      );
      return model.apply(weights, images).dataSync();
    }),
  );
  expect(a).toEqual(b);
});

test('an engine refuses a module whose parameters are not those of the plan', async () => {
  const blobs = memoryBlobs();
  const found = facts(await ask(mlp));
  const spec = { name: 'mine', module: await blobs.put(Buffer.from(mlp)), ...found };
  const fewer = { ...spec, parameters: found.parameters.slice(1) };
  await expect(networkFor({ blobs }, fewer, input.shape, input.classes)).rejects.toThrow(
    'mine: the module has other parameters than in the plan',
  );
});

test('layers are handed on as data', async () => {
  const layers = ['flatten', { dense: 'classes' }];
  const text = `const units = 'classes'; export const layers = ['flatten', { dense: units }];`;
  expect(await ask(text)).toEqual({ kind: 'layers', layers });
});

test('initial values by name, as numbers and by default', async () => {
  const all = 'abcde'
    .split('')
    .map((name) => `tf.sum(weights.${name})`)
    .join();
  const text = linear(`return tf.add(tf.matMul(x, weights.w), tf.addN([${all}]));`).replace(
    "[{ name: 'w', shape: [48, 3] }]",
    `[
      { name: 'w', shape: [48, 3] }, { name: 'a', shape: [3] }, { name: 'b', shape: [], initial: 'ones' },
      { name: 'c', shape: [2, 2], initial: { normal: 0.5 } }, { name: 'd', shape: [2], initial: { uniform: 2 } },
      { name: 'e', shape: [16, 4], initial: 'fan-in-uniform' },
    ]`,
  );
  expect(facts(await ask(text)).parameters.map(({ initial }) => initial)).toEqual([
    { kind: 'normal', deviation: Math.sqrt(2 / 48) },
    { kind: 'constant', value: 0 },
    { kind: 'constant', value: 1 },
    { kind: 'normal', deviation: 0.5 },
    { kind: 'uniform', bound: 2 },
    { kind: 'uniform', bound: 0.25 },
  ]);
});

test('dropout is seen', async () => {
  const text = linear('return tf.matMul(training ? training.drop(x) : x, weights.w);');
  expect(facts(await ask(text)).drops).toBe(true);
});

test.each([
  ['tf.matMul(tf.elu(x), weights.w)', { images: 'Elu', weights: null }],
  ['tf.elu(tf.matMul(x, weights.w))', { images: 'Elu', weights: 'Elu' }],
  ['tf.matMul(tf.softplus(x), weights.w)', { images: null, weights: null }],
])('of %s the op without second derivatives is known', async (logits, expected) => {
  expect(facts(await ask(linear(`return ${logits};`))).withoutTangent).toEqual(expected);
});

describe('is refused in one line', () => {
  const product = 'return tf.matMul(x, weights.w);';
  const impure =
    'is not a pure function: called twice it gives two graphs (no Math.random, no time, no state between calls)';
  const alone = 'a network is one file without imports; tf is an argument';
  test.each([
    ['no JavaScript', 'export const = 3;', 'line 1, column 14: Unexpected token'],
    [
      'an import',
      `import fs from 'node:fs';\n${linear(product)}`,
      `line 1, column 1: import: ${alone}`,
    ],
    ['an import within', linear(`import('node:fs'); ${product}`), /^line 5, column 3: import: /],
    ['an export from', `export * from './other.js';`, `line 1, column 1: export from: ${alone}`],
    [
      'a named export from',
      `export { a } from './other.js';`,
      `line 1, column 1: export from: ${alone}`,
    ],
    ['require', linear(`require('fs'); ${product}`), `line 5, column 3: require: ${alone}`],
    [
      'import.meta',
      linear(product, 'const a = import.meta.url;'),
      `line 1, column 11: import.meta: ${alone}`,
    ],
    [
      'no exports',
      'const a = 3;',
      'exports nothing: export layers, or parameters and a function forward',
    ],
    [
      'no function',
      'export const parameters = [], forward = 3;',
      'exports forward, parameters: export layers, or parameters and a function forward',
    ],
    [
      'no parameters',
      'export function forward() {}',
      'exports forward: export layers, or parameters and a function forward',
    ],
    [
      'both',
      `export const layers = [];\n${linear(product)}`,
      'exports layers and a function: export one of them',
    ],
    ['an error', 'throw new Error("first\\nsecond");', 'the module throws Error: first'],
    ['an error of no class', 'throw "so";', 'the module throws so'],
    [
      'an error in parameters',
      'export const parameters = () => { null.x; }; export const forward = () => 0;',
      /^parameters throws TypeError: Cannot read/,
    ],
    ['an error in forward', linear('throw new RangeError("no");'), 'forward throws RangeError: no'],
    [
      'an unknown variable',
      linear('return Foo;'),
      'forward throws ReferenceError: Foo is not defined',
    ],
    [
      'layers in a ring',
      'export const layers = []; layers.push(layers);',
      /^layers throws TypeError: Converting circular/,
    ],
    [
      'parameters that are none',
      'export const parameters = 3, forward = () => 0;',
      'parameters: must be a list of { name, shape, initial }',
    ],
    [
      'a shape that is none',
      linear(product).replace('[48, 3]', '[48, 0]'),
      'parameters[0].shape[1]: too small: expected number to be >=1',
    ],
    [
      'two of a name',
      linear(product).replace('}];', "}, { name: 'w', shape: [2] }];"),
      'parameters[1].name: two parameters are called w',
    ],
    [
      'another start',
      linear(product).replace('3] }', "3], initial: 'xavier' }"),
      /^parameters\[0\]\.initial: must be one of he-normal/,
    ],
    [
      'too many values',
      linear(product).replace('48, 3', '48000, 3000000'),
      'has 144000000000 parameters; at most 536870912',
    ],
    [
      'other logits',
      linear('return x;'),
      'forward throws Error: forward gives a tensor [2, 48], not [batch, classes], here [2, 3]',
    ],
    [
      'no tensor',
      linear('return 3;'),
      'forward throws Error: forward gives number, not a tensor [batch, classes], here [2, 3]',
    ],
    [
      'a promise',
      linear(product).replace('export function', 'export async function'),
      /forward gives a promise \(it must not be async\)/,
    ],
    [
      'whole numbers',
      linear('return tf.cast(tf.matMul(x, weights.w), "int32");'),
      'forward throws Error: forward gives a tensor of int32, not of float32',
    ],
    [
      'reading values',
      linear(`x.dataSync(); ${product}`),
      'forward throws Error: a captured function must not read the values of a tensor',
    ],
    [
      'a parameter without use',
      linear(product).replace('}];', "}, { name: 'b', shape: [2] }];"),
      'does not use the parameter b',
    ],
    [
      'images without use',
      linear('return tf.add(tf.zeros([images.shape[0], 3]), tf.sum(weights.w));'),
      'does not use the images',
    ],
    ['Math.random', linear(`return tf.add(tf.matMul(x, weights.w), Math.random());`), impure],
    [
      'random numbers',
      linear(`return tf.add(tf.matMul(x, weights.w), tf.randomNormal([3]));`),
      impure,
    ],
    [
      'random numbers at the start',
      linear('return tf.add(tf.matMul(x, weights.w), seed);', 'const seed = Math.random();'),
      impure,
    ],
    [
      'the time',
      linear('return tf.add(tf.matMul(x, weights.w), now % 1000);', 'const now = Date.now();'),
      impure,
    ],
    [
      'a state',
      linear('return tf.add(tf.matMul(x, weights.w), calls++);', 'let calls = 0;'),
      impure,
    ],
    [
      'other images of the batch',
      linear('return tf.matMul(tf.sub(x, tf.mean(x, 0)), weights.w);'),
      'gives an image other logits when other images are in its batch',
    ],
  ])('%s', async (_, text, message) => {
    const found = await ask(text);
    const expected = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(found).toEqual({ kind: 'refused', message: expected });
    expect(found.kind === 'refused' && found.message.split('\n').length).toBe(1);
  });
});
