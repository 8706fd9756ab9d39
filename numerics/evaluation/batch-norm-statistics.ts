/** Batch-norm statistics for given parameters, from a pass over a data set (paper: update_bn). */
import * as tf from '@tensorflow/tfjs';
import type { Pause } from './batched.js';
import { augmentImages } from '../data/augment-images.js';
import { batchAt, batchSizes, inOrder } from '../data/batches.js';
import { gathering, type ResidentData } from '../data/resident.js';
import { capture } from '../graph/capture.js';
import { inFloat32 } from '../graph/in-float32.js';
import type { GraphHost } from '../graph/compile.js';
import { compileStateful, type StatefulFunction } from '../graph/stateful/compile-stateful.js';
import { observing } from '../models/batch-norm.js';
import { opSeed } from '../random.js';
import type { Augmentation } from '../../experiment/specs/training.js';
import type { Model } from '../models/model.js';
import { parameterSize, type ParameterTensors } from '../models/parameters.js';

/** Mean 0 and variance 1: the statistics before the first batch. */
export function initialStatistics({ statistics = [] }: Pick<Model, 'statistics'>): tf.Tensor[] {
  return statistics.map((spec) => tf.fill([...spec.shape], spec.start));
}

/** A pass over the first `count` images of a data set, in batches, each image augmented if asked. */
export interface StatisticsPass {
  readonly batchSize: number;
  /** At most all images (default). */
  readonly count?: number | undefined;
  readonly augmentation?: Augmentation | undefined;
}

/** A compiled pass over a data set. */
export interface StatisticsEstimator {
  /** One tensor per statistic of the model; the caller disposes of them. */
  estimate(parameters: ParameterTensors, pause: Pause): Promise<tf.Tensor[]>;
  dispose(): void;
}

/**
 * Compiles the pass. Each statistic becomes its mean over batches in order, weighted by their sizes, as the
 * cumulative average of Garipov et al. 2018 (utils.update_bn) does; added in float64. Every call augments alike, so
 * that all measurements at one t see one network.
 */
export function createStatisticsEstimator(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  { batchSize, count: most = data.count, augmentation }: StatisticsPass,
): StatisticsEstimator {
  const specs = model.statistics ?? [];
  const count = Math.min(most, data.count);
  const sizes = [...new Set(batchSizes(count, batchSize, true))];
  const passes = compilePasses(host, model, data, { sizes, augmentation });
  const estimate: StatisticsEstimator['estimate'] = async (parameters, pause) => {
    const sums = specs.map((spec) => new Float64Array(parameterSize(spec)));
    const order = inOrder(count);
    passes.hold([...parameters, data.pixels, data.labels]);
    for (let from = 0; from < count; from += batchSize) {
      const size = Math.min(batchSize, count - from);
      const { indices, weights } = batchAt(order, from, size);
      const noise = noiseAt(augmentation, from);
      const found = passes.step(sizes.indexOf(size), [indices, weights, ...noise]);
      found.forEach((statistic, i) => {
        statistic.dataSync().forEach((value, c) => (sums[i]![c]! += size * value));
      });
      tf.dispose([...found, indices, weights, ...noise]);
      await pause();
    }
    return sums.map((sum, i) => {
      const mean = Float32Array.from(sum, (value) => value / count);
      return tf.tensor(mean, [...specs[i]!.shape]);
    });
  };
  return { estimate, dispose: () => passes.dispose() };
}

/** The seed of a batch's augmentation; one for all data sets, networks and t. */
function noiseAt(augmentation: Augmentation | undefined, from: number): tf.Tensor[] {
  if (augmentation === undefined) return [];
  return [tf.tensor1d([...opSeed(0, 'statistics-noise', from)], 'int32')];
}

/** One pass for each size of batch. */
function compilePasses(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  { sizes, augmentation }: { sizes: readonly number[] } & Pick<StatisticsPass, 'augmentation'>,
): StatefulFunction {
  const n = model.parameters.length;
  const parameters = model.parameters.map((spec) => tf.zeros([...spec.shape]));
  const kept = [...parameters, data.pixels, data.labels];
  const pass = gathering(n, data.classes, (...inputs) => {
    const [weights, images, seed = null] = [inputs.slice(0, n), inputs[n]!, inputs[n + 3]];
    const run = inFloat32(() => {
      const seen = augmentImages(augmentation, images, seed);
      return observing((observe) => model.train?.(weights, seen, { drop: (x) => x, observe }));
    });
    return run.statistics;
  });
  try {
    const graphs = sizes.map((size) => {
      const batch = [tf.zeros([size], 'int32'), tf.ones([size]), ...noiseAt(augmentation, 0)];
      const graph = capture(pass, [...kept, ...batch]);
      tf.dispose(batch);
      return graph;
    });
    return compileStateful(host, [], kept, graphs);
  } finally {
    tf.dispose(parameters);
  }
}
