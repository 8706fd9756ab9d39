/** Results of the engine on the benchmark's weights and images, for a comparison in float64. */
import { writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { firstImages } from '../../engine/toolkit/data.js';
import { curvePoint } from '../../numerics/curves/curve.js';
import { ascend } from '../../numerics/attacks/pgd/gradient-ascent.js';
import { linf } from '../../numerics/attacks/norms/linf.js';
import { overBatches, type BatchFunction } from '../../numerics/evaluation/batched.js';
import { closedFormEigenvalues } from '../../numerics/curvature/operators/gauss-newton.js';
import { inputEigenvalues } from '../../numerics/curvature/measures/input-eigenvalues.js';
import { createInputHessian } from '../../numerics/curvature/operators/input-hessian.js';
import { createJacobian } from '../../numerics/curvature/operators/input-jacobian.js';
import { createParameterHessian } from '../../numerics/curvature/operators/parameter-hessian.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import { createEvaluator } from '../../numerics/evaluation/evaluate.js';
import { parameterSize, toTensors } from '../../numerics/models/parameters.js';
import { imageGradient } from '../../numerics/losses/training-loss.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import { direction, directions, lanczos } from './curvature.js';
import { epsilon, noPause, stepSize } from './passes.js';
import type { ExactnessPart } from '../request.js';
import type { Setting } from './setting.js';
import { batchSize, classes } from './sizes.js';

type Results = Map<string, StoredTensor>;

const steps = 10;
const attackedImages = 1000;
const weightDecay = 5e-4;

/** The file holds what the parts are computed from, too. */
export async function writeExactness(
  setting: Setting,
  parts: readonly ExactnessPart[],
  path: string,
): Promise<void> {
  const results: Results = new Map();
  for (const part of new Set(parts)) await add[part](setting, results);
  await writeFile(path, encodeSafetensors(results, {}));
}

type Add = (setting: Setting, results: Results) => Promise<void> | void;

const add: Readonly<Record<ExactnessPart, Add>> = {
  passes: addPasses,
  attack: addAttack,
  curve: addCurveLoss,
  'weight-product': addWeightProduct,
  'input-product': addInputProduct,
  eigenvalues: addEigenvalues,
};

async function addPasses(setting: Setting, results: Results): Promise<void> {
  const { model, firstBatch } = setting;
  const [logits, gradient] = await over(setting, firstBatch, 2, (w, { images, labels }) => [
    model.apply(w, images),
    imageGradient(model, w, labels)(images),
  ]);
  results.set('logits', float32([batchSize, classes], logits!));
  results.set('input_gradient', float32([batchSize, ...firstBatch.shape], gradient!));
}

/** Predictions after PGD without a random start. */
async function addAttack(setting: Setting, results: Results): Promise<void> {
  const { model, images } = setting;
  const attacked = makeResident(firstImages(images, attackedImages), classes);
  const [after] = await over(setting, attacked, 1, (w, { images, labels }) => {
    const [radius, length] = [tf.scalar(epsilon), tf.scalar(stepSize)];
    const ascent = { epsilon: radius, stepSize: length, steps, startSeed: null };
    return [model.apply(w, ascend(imageGradient(model, w, labels), images, linf, ascent))];
  });
  attacked.dispose();
  const predictions = Int32Array.from({ length: attackedImages }, (_, i) =>
    largest(after!.slice(i * classes, (i + 1) * classes)),
  );
  results.set('pgd_predictions', { dtype: 'I32', shape: [attackedImages], data: predictions });
  results.set('pgd_settings', float64([3], [epsilon, stepSize, steps]));
}

/** Outputs of all images of the data set, one after the other. */
async function over(
  { host, model, weights }: Setting,
  data: ResidentData,
  outputs: number,
  f: BatchFunction,
): Promise<number[][]> {
  const compiled = overBatches(host, model, data, batchSize, f);
  const all = Array.from({ length: outputs }, (): number[] => []);
  await compiled.run(
    weights,
    (values) => {
      const share = values.count / Math.min(batchSize, data.count);
      values.outputs.forEach((output, k) => {
        for (const value of output.subarray(0, output.length * share)) all[k]!.push(value);
      });
    },
    noPause,
  );
  compiled.dispose();
  return all;
}

function largest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** Regularised loss over all stored images at five points of the curve: rows of t and loss. */
async function addCurveLoss(setting: Setting, results: Results): Promise<void> {
  const { host, model, data } = setting;
  const points = ['weights/', 'bend/', 'end/'].map((prefix) => setting.values(prefix));
  const evaluator = createEvaluator(host, model, data, batchSize);
  const rows: number[] = [];
  for (const t of [0, 0.25, 0.5, 0.75, 1]) {
    const values = curvePoint(model.parameters, 'bezier', points, t);
    const weights = toTensors(model.parameters, values);
    const { nll } = await evaluator.evaluate(weights, noPause);
    tf.dispose(weights);
    let square = 0;
    for (const value of values.values()) for (const w of value) square += w * w;
    rows.push(t, nll + (weightDecay / 2) * square);
  }
  evaluator.dispose();
  results.set('curve_loss', float64([rows.length / 2, 2], rows));
  results.set('weight_decay', float64([1], [weightDecay]));
}

async function addWeightProduct(setting: Setting, results: Results): Promise<void> {
  const { host, model, firstBatch, weights } = setting;
  const hessian = createParameterHessian(host, model, firstBatch, batchSize);
  const operator = hessian.at(weights, 'mean', noPause);
  // Both sides start from the same float32 numbers.
  const v = Float64Array.from(Float32Array.from(direction(operator.size, 0)));
  const product = await operator.matvec(v);
  hessian.dispose();
  let offset = 0;
  for (const spec of model.parameters) {
    const end = offset + parameterSize(spec);
    results.set(`weight_direction/${spec.name}`, float64(spec.shape, v.subarray(offset, end)));
    results.set(`weight_product/${spec.name}`, float64(spec.shape, product.subarray(offset, end)));
    offset = end;
  }
}

function addInputProduct({ host, model, firstBatch, weights }: Setting, results: Results): void {
  const hessian = createInputHessian(host, model, firstBatch, batchSize);
  const vectors = directions(hessian.size).map((v) => Float64Array.from(Float32Array.from(v)));
  const blocks = hessian.blocks(weights, 0);
  const products = blocks.matvecs(vectors);
  blocks.dispose();
  hessian.dispose();
  const shape = [batchSize, ...firstBatch.shape];
  results.set('input_direction', float64(shape, joined(vectors)));
  results.set('input_product', float64(shape, joined(products.map((p) => p!))));
}

function joined(vectors: readonly Float64Array[]): Float64Array {
  const size = vectors[0]!.length;
  const all = new Float64Array(vectors.length * size);
  vectors.forEach((v, i) => all.set(v, i * size));
  return all;
}

async function addEigenvalues(setting: Setting, results: Results): Promise<void> {
  const { host, model, firstBatch, weights } = setting;
  const hessian = createInputHessian(host, model, firstBatch, batchSize);
  const iterated: number[] = [];
  const options = { ...lanczos, largest: 1, smallest: 0 };
  await inputEigenvalues(
    ...([hessian, weights, options] as const),
    ({ largest: [top] }) => void iterated.push(top!.eigenvalue),
    noPause,
  );
  hessian.dispose();
  const jacobian = createJacobian(host, model, firstBatch, batchSize);
  const closed: number[] = [];
  await jacobian.each(weights, (j) => void closed.push(closedFormEigenvalues(j)[0]!), noPause);
  jacobian.dispose();
  results.set('eigenvalues_lanczos', float64([batchSize], iterated));
  results.set('eigenvalues_closed_form', float64([batchSize], closed));
}

function float32(shape: readonly number[], values: readonly number[]): StoredTensor {
  return { dtype: 'F32', shape, data: Float32Array.from(values) };
}

function float64(shape: readonly number[], values: ArrayLike<number>): StoredTensor {
  return { dtype: 'F64', shape, data: Float64Array.from(values) };
}
