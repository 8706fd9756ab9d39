/** Batch-norm statistics along a path: re-estimated at every t, or those of the nearer end. */
import type * as tf from '@tensorflow/tfjs';
import type { RunInput } from '../../experiment/records/records.js';
import type { PathSpec } from '../../experiment/specs/path.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import type { Model } from '../../numerics/models/model.js';
import { toTensors, type ParameterTensors } from '../../numerics/models/parameters.js';
import { createStatisticsEstimator } from '../../numerics/evaluation/batch-norm-statistics.js';
import type { EngineContext } from './context.js';
import { withResident, type Dataset } from './data.js';
import { selectBonafide } from './selection.js';
import { inputArtifact, loadWeights } from './weights.js';

/** One tensor per statistic of the model, the caller's to dispose of; none without batch norm. */
export type StatisticsAt = (t: number, parameters: ParameterTensors) => Promise<tf.Tensor[]>;

/** Images per batch of the pass: a batch's variance depends on its size. */
const estimationBatch = 128;

export interface StatisticsSource {
  readonly model: Model;
  readonly spec: PathSpec;
  readonly inputs: readonly RunInput[];
  readonly data: Dataset;
}

/** Calls `use` with the batch-norm statistics at any t; they are freed when it ends. */
export async function withStatistics<T>(
  context: EngineContext,
  { model, spec, inputs, data }: StatisticsSource,
  use: (statisticsAt: StatisticsAt) => Promise<T>,
): Promise<T> {
  if (model.statistics === undefined) return use(async () => []);
  const { batchNorm, statisticsFrom } = spec;
  const estimate = (images: LabelledImages) =>
    estimated(context, model, { images, spec, classes: data.classes }, use);
  switch (batchNorm) {
    case 'train':
      return estimate(data.train);
    case 'bonafide': {
      const selected = selectBonafide(data, statisticsFrom, 'statistics');
      if (selected === null) throw new Error('the run does not say which images are bonafide');
      return estimate(selected.images);
    }
    case 'none':
      return use(await storedStatistics(context, model, inputs));
    case undefined:
      throw new Error(`${model.name} has batch norm, but the run does not say where from`);
    default:
      throw new Error(`unknown source of statistics ${String(batchNorm satisfies never)}`);
  }
}

interface EstimatedOn {
  readonly images: LabelledImages;
  readonly classes: number;
  readonly spec: PathSpec;
}

/** By a pass over these images at every t. */
function estimated<T>(
  context: EngineContext,
  model: Model,
  { images, classes, spec }: EstimatedOn,
  use: (statisticsAt: StatisticsAt) => Promise<T>,
): Promise<T> {
  return withResident(images, classes, async (data) => {
    const estimator = createStatisticsEstimator(context.host, model, data, {
      batchSize: estimationBatch,
      count: spec.statisticsImages,
      augmentation: spec.statisticsAugmentation,
    });
    try {
      return await use((_t, parameters) => estimator.estimate(parameters, () => context.pause()));
    } finally {
      estimator.dispose();
    }
  });
}

/** At t = 0 and t = 1 the path is then exactly the endpoint as it was trained. */
async function storedStatistics(
  context: EngineContext,
  model: Model,
  inputs: readonly RunInput[],
): Promise<StatisticsAt> {
  const specs = model.statistics ?? [];
  const load = (role: 'start' | 'end') =>
    loadWeights(context, model, inputArtifact(inputs, role, 'weights'), '', specs);
  const start = await load('start');
  const end = inputs.some(({ role }) => role === 'end') ? await load('end') : start;
  return async (t) => toTensors(specs, t < 0.5 ? start : end);
}
