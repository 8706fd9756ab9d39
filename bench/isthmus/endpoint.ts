/** A whole endpoint in as many epochs as its time allows, scored on the test set after each. */
import { performance } from 'node:perf_hooks';
import * as tf from '@tensorflow/tfjs';
import { evaluationBatch } from '../../engine/toolkit/data.js';
import { decodeDataset } from '../../engine/toolkit/decode-dataset.js';
import { datasets } from '../../experiment/catalogue/datasets.js';
import type { TrainingRecipe } from '../../experiment/specs/training.js';
import { batchCount } from '../../numerics/data/batches.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import { createEvaluator, type Evaluator } from '../../numerics/evaluation/evaluate.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import type { Model } from '../../numerics/models/model.js';
import { toTensors } from '../../numerics/models/parameters.js';
import { modelFor } from '../../numerics/models/registry.js';
import { stream } from '../../numerics/random.js';
import {
  initialState,
  optimiserFor,
  trainedWeights,
  trainFrom,
  trainOn,
} from '../../numerics/training/endpoint.js';
import type { EndpointRequest, EpochLine } from '../request.js';
import { noPause } from './passes.js';
import { batchSize } from './sizes.js';

/** Constants of the preset on/cifar10. */
const descent = {
  batchSize,
  learningRate: 0.01,
  momentum: 0.9,
  weightDecay: 1e-4,
  augmentation: { flip: true, padding: 4 },
};
const mostEpochs = 100;
const seed = 1;
/** Two calls of a small network: what a step takes shows in the second. */
const paceSteps = 32;
/** Share of the time that is left after the first steps: the rest is for what takes longer than they did. */
const plannedShare = 0.85;

interface Course {
  readonly host: GraphHost;
  readonly model: Model;
  readonly train: ResidentData;
  readonly evaluator: Evaluator;
}

/** `tell` hears of every epoch when it is over. */
export async function trainEndpoint(
  host: GraphHost,
  { model: name, dataset, dataDir, seconds }: EndpointRequest,
  tell: (line: EpochLine) => void,
): Promise<void> {
  const begunMs = performance.now();
  const { shape, classes } = datasets[dataset];
  const splits = await decodeDataset(datasets[dataset], dataDir);
  const model = modelFor(name, shape, classes);
  const [train, test] = [splits.train, splits.test].map((part) => makeResident(part, classes));
  const evaluator = createEvaluator(host, model, test!, evaluationBatch);
  const course = { host, model, train: train!, evaluator };
  try {
    const pace = await measurePace(course);
    const leftMs = 1000 * seconds - (performance.now() - begunMs);
    const epochMs = pace.stepMs * batchCount(course.train.count, batchSize) + pace.evaluationMs;
    const fitting = Math.floor((plannedShare * leftMs) / epochMs);
    const epochs = Math.min(mostEpochs, Math.max(1, fitting));
    await trainEpochs(course, epochs, begunMs + 1000 * seconds, tell);
  } catch (error) {
    if (!(error instanceof TimeOver)) throw error;
  } finally {
    evaluator.dispose();
    train!.dispose();
    test!.dispose();
  }
}

/** Milliseconds of a step and of an evaluation, after those that compile. */
async function measurePace({ host, model, train, evaluator }: Course) {
  const calls: { readonly step: number; readonly ms: number }[] = [];
  const weights = await trainFrom(host, startWeights(model), {
    ...training(model, train, { ...descent, steps: paceSteps }),
    onStep: () => undefined,
    onCall: (step) => void calls.push({ step, ms: performance.now() }),
  });
  const [from, to] = [calls[Math.floor((calls.length - 1) / 2)]!, calls.at(-1)!];
  const stepMs = (to.ms - from.ms) / (to.step - from.step);
  const evaluationsMs: number[] = [];
  for (let i = 0; i < 2; i++) {
    const begunMs = performance.now();
    await evaluator.evaluate(weights, noPause);
    evaluationsMs.push(performance.now() - begunMs);
  }
  tf.dispose(weights);
  return { stepMs, evaluationMs: Math.min(...evaluationsMs) };
}

/** The machine was slower than at the start: what was told is all there is. */
class TimeOver extends Error {}

async function trainEpochs(
  { host, model, train, evaluator }: Course,
  epochs: number,
  endMs: number,
  tell: (line: EpochLine) => void,
): Promise<void> {
  const recipe = { ...descent, epochs };
  const optimiser = optimiserFor({ model, recipe });
  const perEpoch = batchCount(train.count, batchSize);
  const begunMs = performance.now();
  let losses: number[] = [];
  let scored = 0;
  const state = await trainOn(host, initialState(model, optimiser, startWeights(model)), {
    ...training(model, train, recipe),
    onStep: (_step, _total, loss) => void losses.push(loss),
    async onCall(step, _total, read) {
      if (performance.now() > endMs) throw new TimeOver('no time is left');
      const epoch = Math.floor(step / perEpoch);
      if (epoch === scored) return;
      const now = read();
      const { nll, error } = await evaluator.evaluate(
        trainedWeights(model, optimiser, now),
        noPause,
      );
      tf.dispose(now);
      const seconds = (performance.now() - begunMs) / 1000;
      const trainingLoss = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
      tell({ epoch, epochs, seconds, trainingLoss, testNll: nll, testError: error });
      losses = [];
      scored = epoch;
    },
  });
  tf.dispose(state);
}

function startWeights(model: Model): tf.Tensor[] {
  return toTensors(model.parameters, model.initial(stream(seed, 'init', 0)));
}

function training(model: Model, data: ResidentData, recipe: TrainingRecipe) {
  return { model, recipe, adversarial: null, data, seed };
}
