/**
 * `node .isthmus/build/bench/gpu/make-reference.js [MODEL...]`: makes the stored float64 results anew, with PyTorch
 * (`npm run bench -- --install-pytorch` first).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { startTensorFlow } from '../../engine/process/tensorflow.js';
import { createStatisticsEstimator } from '../../numerics/evaluation/batch-norm-statistics.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { toValues, type ParameterValues } from '../../numerics/models/parameters.js';
import { decodeSafetensors, encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import { benchDir } from '../folders.js';
import { writeExactness } from '../isthmus/exactness.js';
import { noPause } from '../isthmus/passes.js';
import { loadSetting, type Setting } from '../isthmus/setting.js';
import { batchSize } from '../isthmus/sizes.js';
import type { Peer } from '../peers/peer.js';
import { startPytorch } from '../peers/pytorch.js';
import { modelNames, type BenchModel } from '../request.js';
import { drawInputs } from './drawn-inputs.js';
import {
  comparedParts,
  orderName,
  referencePath,
  sketchImages,
  sketchWeights,
  statisticsPrefix,
  type Reference,
  type Tensors,
} from './reference.js';

/** Single results, stored as they are. */
const whole = ['logits', 'near_kinks', 'pgd_predictions', 'curve_loss', 'eigenvalues'];
/** A vector for each image. */
const perImage = ['input_gradient', 'input_product'];
const weightProduct = 'weight_product';

async function makeReference(host: GraphHost, pytorch: Peer, name: BenchModel): Promise<void> {
  const file = (what: string): string => join(benchDir, 'reference', `${name}-${what}.safetensors`);
  const [inputs, results, expected] = [file('inputs'), file('results'), file('expected')];
  await drawInputs(name, inputs, { statistics: new Map(), order: null });
  const statistics = await withSetting(host, name, inputs, estimateStatistics);
  await drawInputs(name, inputs, { statistics, order: null });
  const chosen = { statistics, order: await orderByMargin(pytorch, name, inputs) };
  const digest = await drawInputs(name, inputs, chosen);
  await withSetting(host, name, inputs, (setting) =>
    writeExactness(setting, comparedParts[name], results),
  );
  await pytorch.ask({ command: 'expected', model: name, inputs, results, expected });
  const { tensors } = decodeSafetensors(await readFile(expected));
  const bytes = encodeSafetensors(small(tensors, chosen), { inputs: digest });
  await writeFile(referencePath(name), bytes);
  console.log(`${referencePath(name)}: ${bytes.length} bytes`);
}

async function withSetting<T>(
  host: GraphHost,
  name: BenchModel,
  inputs: string,
  use: (setting: Setting) => Promise<T>,
): Promise<T> {
  const setting = await loadSetting(host, name, inputs);
  return use(setting).finally(() => setting.dispose());
}

/** Statistics of these images: with those of the start activations would grow from block to block. */
async function estimateStatistics({
  host,
  model,
  data,
  weights,
}: Setting): Promise<ParameterValues> {
  const { statistics, parameters } = model;
  if (statistics === undefined) return new Map();
  const estimator = createStatisticsEstimator(host, model, data, { batchSize });
  const found = await estimator.estimate(weights.slice(0, parameters.length), noPause);
  estimator.dispose();
  const values = toValues(statistics, found);
  tf.dispose(found);
  return values;
}

/** The images farthest from a kink first: rounding puts none of them on another piece of the network. */
async function orderByMargin(pytorch: Peer, name: BenchModel, inputs: string): Promise<Int32Array> {
  const path = `${inputs}.margins`;
  await pytorch.ask({ command: 'margins', model: name, inputs, margins: path });
  const margins = decodeSafetensors(await readFile(path)).tensors.get('margins')!.data;
  const indices = Int32Array.from({ length: margins.length }, (_, i) => i);
  return indices.sort((a, b) => Number(margins[b]!) - Number(margins[a]!));
}

function small(tensors: Tensors, { statistics, order }: Reference['chosen']): Tensors {
  const kept = new Map<string, StoredTensor>();
  for (const name of whole) if (tensors.has(name)) kept.set(name, tensors.get(name)!);
  for (const name of perImage) {
    const tensor = tensors.get(name);
    if (tensor) kept.set(name, vector(sketchImages(tensor)));
  }
  if ([...tensors.keys()].some((name) => name.startsWith(`${weightProduct}/`))) {
    kept.set(weightProduct, vector(sketchWeights(tensors, `${weightProduct}/`)));
  }
  for (const [name, data] of statistics) {
    kept.set(`${statisticsPrefix}${name}`, { dtype: 'F32', shape: [data.length], data });
  }
  if (order) kept.set(orderName, { dtype: 'I32', shape: [order.length], data: order });
  return kept;
}

/** float32 keeps seven digits of a float64 result: two more than any bar asks for. */
function vector(values: Float64Array): StoredTensor {
  return { dtype: 'F32', shape: [values.length], data: Float32Array.from(values) };
}

const { host } = await startTensorFlow('cpu');
const pytorch = startPytorch({ variant: 'plain', threads: 2 });
try {
  const asked = process.argv.slice(2);
  for (const name of modelNames) {
    if (asked.length === 0 || asked.includes(name)) await makeReference(host, pytorch, name);
  }
} finally {
  await pytorch.close();
}
