/** The engine's work of a given size, each from values in memory to its end, as runs do it. */
import * as tf from '@tensorflow/tfjs';
import { firstImages } from '../../../engine/toolkit/data.js';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { buildAttack } from '../../../numerics/attacks/methods/build-attack.js';
import { singleNetwork } from '../../../numerics/attacks/procedure/model-under-attack.js';
import { createAttackRunner } from '../../../numerics/attacks/runner/runner.js';
import { curvePoint, linearBends } from '../../../numerics/curves/curve.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { createEvaluator } from '../../../numerics/evaluation/evaluate.js';
import type { Model } from '../../../numerics/models/model.js';
import { network } from '../../../numerics/models/network.js';
import { parameterSize, toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { fitBends } from '../../../numerics/training/curve.js';
import { trainFrom } from '../../../numerics/training/endpoint.js';
import type { EngineDimension } from '../../scale/dimensions.js';
import { epsilon, noPause, stepSize } from '../passes.js';
import type { Setting } from '../setting.js';
import { batchSize, classes } from '../sizes.js';

interface Job {
  /** The size that the cost is set against; mostly the size that was asked for. */
  readonly size: number;
  run(): Promise<void>;
}

type MakeJob = (setting: Setting, size: number) => Job;

export const jobs: Readonly<Record<EngineDimension, MakeJob>> = {
  images: (setting, size) => {
    const images = repeatImages(setting.images, size);
    return { size, run: () => withData(images, (data) => evaluateOnce(setting, data)) };
  },
  points: (setting, size) => ({
    size,
    run: () =>
      withData(firstImages(setting.images, 5 * batchSize), (data) =>
        evaluateAlong(setting, data, size),
      ),
  }),
  bends: (setting, size) => ({ size, run: () => fitCurve(setting, size) }),
  steps: (setting, size) => ({ size, run: () => train(setting, setting.model, size, 1) }),
  'attack-steps': (setting, size) => ({ size, run: () => attack(setting, size) }),
  seeds: (setting, size) => ({
    size,
    async run() {
      for (let seed = 1; seed <= size; seed++) await train(setting, setting.model, 10, seed);
    },
  }),
  parameters: (setting, size) => {
    const model = deepNetwork(setting, size);
    const parameters = model.parameters.reduce((sum, spec) => sum + parameterSize(spec), 0);
    return { size: parameters, run: () => train(setting, model, 10, 1) };
  },
};

async function withData(
  images: LabelledImages,
  use: (data: ResidentData) => Promise<void>,
): Promise<void> {
  const data = makeResident(images, classes);
  await use(data).finally(() => data.dispose());
}

/** The stored images over and over. */
function repeatImages(
  { shape, pixels, labels, count }: LabelledImages,
  size: number,
): LabelledImages {
  const bytes = pixels.length / count;
  const [allPixels, allLabels] = [new Uint8Array(size * bytes), new Uint8Array(size)];
  for (let from = 0; from < size; from += count) {
    const fit = Math.min(count, size - from);
    allPixels.set(pixels.subarray(0, fit * bytes), from * bytes);
    allLabels.set(labels.subarray(0, fit), from);
  }
  return { count: size, shape, pixels: allPixels, labels: allLabels };
}

async function evaluateOnce({ host, model, weights }: Setting, data: ResidentData): Promise<void> {
  const evaluator = createEvaluator(host, model, data, batchSize);
  await evaluator.evaluate(weights, noPause);
  evaluator.dispose();
}

async function evaluateAlong(setting: Setting, data: ResidentData, count: number): Promise<void> {
  const { host, model } = setting;
  const points = ['weights/', 'bend/', 'end/'].map((prefix) => setting.values(prefix));
  const evaluator = createEvaluator(host, model, data, batchSize);
  for (let i = 0; i < count; i++) {
    const values = curvePoint(model.parameters, 'bezier', points, i / (count - 1));
    const weights = toTensors(model.parameters, values);
    await evaluator.evaluate(weights, noPause);
    tf.dispose(weights);
  }
  evaluator.dispose();
}

const descent = { batchSize, learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 };

async function fitCurve(setting: Setting, bends: number): Promise<void> {
  const { host, model, data } = setting;
  const { parameters } = model;
  const [start, end] = [setting.values('weights/'), setting.values('end/')];
  const ends = { start: toTensors(parameters, start), end: toTensors(parameters, end) };
  const initial = linearBends(parameters, start, end, bends).map((b) => toTensors(parameters, b));
  const fitted = await fitBends(host, ends, initial, {
    ...{ model, family: 'bezier', recipe: { ...descent, steps: 20 }, data, seed: 1 },
    onStep: () => undefined,
  });
  tf.dispose([...fitted.flat(), ...ends.start, ...ends.end]);
}

async function train(
  { host, data }: Setting,
  model: Model,
  steps: number,
  seed: number,
): Promise<void> {
  const start = toTensors(model.parameters, model.initial(stream(seed, 'init', 0)));
  const trained = await trainFrom(host, start, {
    ...{ model, recipe: { ...descent, steps }, adversarial: null, data, seed },
    onStep: () => undefined,
  });
  tf.dispose(trained);
}

async function attack({ host, model, firstBatch, weights }: Setting, steps: number): Promise<void> {
  const method = { norm: 'linf', epsilon, stepSize, steps, randomStart: true } as const;
  const built = buildAttack(method, firstBatch.shape, 1);
  const attacker = createAttackRunner(host, singleNetwork(model), built, firstBatch, {
    ...{ batchSize, keepImages: false },
  });
  await attacker.attack(weights, noPause);
  attacker.dispose();
}

/** Twice the layers are nearly twice the parameters and the operations: a wider one has another shape of product. */
function deepNetwork({ images }: Setting, depth: number): Model {
  const initial = 'he-normal';
  const hidden = Array.from({ length: depth }, (_, i): LayerRecord[] => [
    { kind: 'dense', name: `dense${i + 1}`, units: 512, initial },
    { kind: 'relu' },
  ]);
  const layers: readonly LayerRecord[] = [
    { kind: 'flatten' },
    ...hidden.flat(),
    { kind: 'dense', name: 'out', units: 'classes', initial },
  ];
  return network({ name: 'mlp', layers, shape: images.shape, classes });
}
