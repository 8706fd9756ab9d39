// Networks of a user's own on the real stack: layers in the file, and a module that is a function of tensors, on data of
// their own; trained, connected, attacked, their curvature measured, exported and imported again.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { down, up } from '../../infra/local/index.js';
import { generatedDir } from '../../settings/paths.js';
import { decodeSafetensors, encodeSafetensors } from '../../stores/formats/safetensors.js';
import { isthmus, type Environment } from '../cli/isthmus.js';
import { freeStackEnv } from '../environment.js';

const folder = join(generatedDir, 'test', `own-network-${process.pid}`);
const env = freeStackEnv(join(folder, 'home')) as Environment;
const quiet = (): void => undefined;

/** 8 x 8 images of three classes: a bright bar at the left, in the middle or at the right. */
function writeData(): void {
  const [count, side] = [240, 8];
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const images = Float32Array.from({ length: count * side * side }, (_, at) => {
    const [i, x] = [Math.floor(at / 64), at % side];
    const bright = Math.floor(x / 3) === labels[i]! ? 120 : 0;
    return (((at * 7919 + i * 31) % 97) + bright) / 255;
  });
  const tensors = new Map([
    ['images', { dtype: 'F32' as const, shape: [count, side, side, 1], data: images }],
    ['labels', { dtype: 'I32' as const, shape: [count], data: labels }],
  ]);
  writeFileSync(join(folder, 'bars.safetensors'), encodeSafetensors(tensors, {}));
}

const study = (name: string, model: string, more: string): string => {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
dataset: { files: bars.safetensors, format: safetensors }
model: ${model}
defaults: { endpoints: { steps: 12, batchSize: 32 }, curves: { steps: 6, batchSize: 32 } }
endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
evaluation: { points: 3 }
attacks: { pgd: { epsilon: 0.05, stepSize: 0.02, steps: 2, images: 20, points: 3 } }
${more}`,
  );
  return file;
};

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  writeData();
  await up(env, quiet);
}, 600_000);
afterAll(async () => {
  await down(env, quiet);
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const values = async (name: string, series: string): Promise<readonly number[]> => {
  const { stdout } = await isthmus(env, 'results', name, '--csv');
  const rows = stdout.split('\n').map((line) => line.split(','));
  return rows.filter((row) => row[4] === series).map((row) => Number(row[7]));
};

/** The same endpoint from a file that was exported: its score is that of the run that it came from. */
async function importedScore(name: string, model: string, weights: string, layout: string) {
  const file = join(folder, `${name}.yaml`);
  const endpoints = `{ P: { import: ${weights}, layout: ${layout} } }`;
  const dataset = '{ files: bars.safetensors, format: safetensors }';
  writeFileSync(
    file,
    `name: ${name}\ndataset: ${dataset}\nmodel: ${model}\nendpoints: ${endpoints}\n`,
  );
  const ran = await isthmus(env, 'run', file);
  expect(ran.code, ran.stderr).toBe(0);
  return values(name, 'final_test_nll');
}

const layers = `
  name: small
  layers:
    - normalise: { mean: [0.3], std: [0.2] }
    - conv: { filters: 3, size: 3, bias: false }
    - batch-norm
    - softplus
    - residual: { body: [{ conv: { filters: 3, size: 3 } }, tanh] }
    - avg-pool: 2
    - flatten
    - dense: classes`;

test('layers of the file: trained, connected, attacked, curvature, out and in again', async () => {
  const more = `spectrum: { images: 4, points: 2, operator: hessian }
weightSpectrum: { images: 8, points: 2, maxSteps: 4 }
`;
  const ran = await isthmus(env, 'run', study('layers', layers, more));
  expect(ran.code, ran.stderr).toBe(0);
  const [robust, clean] = [
    await values('layers', 'robust_nll'),
    await values('layers', 'clean_nll'),
  ];
  expect(robust.length).toBe(3);
  expect(robust.every((loss, i) => loss > clean[i]!)).toBe(true);
  expect((await values('layers', 'eigenvalue_mean')).every((one) => one > 0)).toBe(true);
  expect((await values('layers', 'weight_eigenvalue_max')).length).toBeGreaterThan(0);

  const weights = join(folder, 'layers.safetensors');
  const out = await isthmus(env, 'export', 'layers', 'endpoint/A', '-o', weights);
  expect(out.code, out.stderr).toBe(0);
  const { tensors, metadata } = decodeSafetensors(readFileSync(weights));
  expect(metadata['model']).toBe('small');
  expect(tensors.get('conv1.weight')!.shape).toEqual([3, 1, 3, 3]);
  expect([...tensors.keys()]).toContain('residual1.conv1.bias');
  expect([...tensors.keys()]).toContain('bn1.running_mean');
  const [score] = await values('layers', 'final_test_nll');
  expect(await importedScore('layers-again', layers, 'layers.safetensors', 'pytorch')).toEqual([
    score,
  ]);
}, 600_000);

test('a function of tensors: the same, with the layout of TensorFlow alone', async () => {
  writeFileSync(
    join(folder, 'net.js'),
    `export const parameters = ({ shape: [height, width], classes }) => [
  { name: 'kernel', shape: [3, 3, 1, 4] },
  { name: 'weight', shape: [height * width * 4, classes] },
  { name: 'bias', shape: [classes] },
];
export function forward({ tf, weights, images, training }) {
  let x = tf.tanh(tf.conv2d(images, weights.kernel, 1, 'same'));
  if (training) x = training.drop(x);
  const features = tf.reshape(x, [images.shape[0], -1]);
  return tf.add(tf.matMul(features, weights.weight), weights.bias);
}
`,
  );
  const file = study(
    'module',
    './net.js',
    'spectrum: { images: 4, points: 2, operator: hessian }\n',
  );
  const ran = await isthmus(env, 'run', file, '--set', 'defaults.endpoints.dropout=0.2');
  expect(ran.code, ran.stderr).toBe(0);
  expect((await values('module', 'robust_nll')).length).toBe(3);
  expect((await values('module', 'eigenvalue_mean')).every((one) => one > 0)).toBe(true);
  expect((await isthmus(env, 'verify', 'module')).code).toBe(0);

  const weights = join(folder, 'net.safetensors');
  const args = ['export', 'module', 'endpoint/A', '-o', weights, '--layout'];
  const refused = await isthmus(env, ...args, 'pytorch');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    "error: net is a function of tensors: it has no names and axes of PyTorch's\n",
  );
  expect((await isthmus(env, ...args, 'tensorflow')).code).toBe(0);
  const [score] = await values('module', 'final_test_nll');
  expect(await importedScore('module-again', './net.js', 'net.safetensors', 'tensorflow')).toEqual([
    score,
  ]);
}, 600_000);
