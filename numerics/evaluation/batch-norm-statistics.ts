/** Batch-norm statistics for given parameters, from a pass over a data set (paper: update_bn). */
import * as tf from '@tensorflow/tfjs';
import type { Pause } from './batched.js';
import { batchAt, batchSizes, inOrder } from '../data/batches.js';
import { gathering, type ResidentData } from '../data/resident.js';
import { capture } from '../graph/capture.js';
import { inFloat32 } from '../graph/in-float32.js';
import type { GraphHost } from '../graph/compile.js';
import { compileStateful, type StatefulFunction } from '../graph/stateful/compile-stateful.js';
import { observing } from '../models/batch-norm.js';
import type { Model } from '../models/model.js';
import { parameterSize, type ParameterTensors } from '../models/parameters.js';

/** Mean 0 and variance 1: the statistics before the first batch. */
export function initialStatistics({ statistics = [] }: Pick<Model, 'statistics'>): tf.Tensor[] {
  return statistics.map((spec) => tf.fill([...spec.shape], spec.start));
}

/** A compiled pass over a data set. */
export interface StatisticsEstimator {
  /** One tensor per statistic of the model; the caller disposes of them. */
  estimate(parameters: ParameterTensors, pause: Pause): Promise<tf.Tensor[]>;
  dispose(): void;
}

/**
 * Compiles the pass. Each statistic becomes its mean over batches in order, weighted by their sizes, as the
 * cumulative average of Garipov et al. 2018 (utils.update_bn) does; added in float64.
 */
export function createStatisticsEstimator(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): StatisticsEstimator {
  const specs = model.statistics ?? [];
  const sizes = [...new Set(batchSizes(data.count, batchSize, true))];
  const passes = compilePasses(host, model, data, sizes);
  const estimate: StatisticsEstimator['estimate'] = async (parameters, pause) => {
    const sums = specs.map((spec) => new Float64Array(parameterSize(spec)));
    const order = inOrder(data.count);
    passes.hold([...parameters, data.pixels, data.labels]);
    for (let from = 0; from < data.count; from += batchSize) {
      const size = Math.min(batchSize, data.count - from);
      const { indices, weights } = batchAt(order, from, size);
      const found = passes.step(sizes.indexOf(size), [indices, weights]);
      found.forEach((statistic, i) => {
        statistic.dataSync().forEach((value, c) => (sums[i]![c]! += size * value));
      });
      tf.dispose([...found, indices, weights]);
      await pause();
    }
    return sums.map((sum, i) => {
      const mean = Float32Array.from(sum, (value) => value / data.count);
      return tf.tensor(mean, [...specs[i]!.shape]);
    });
  };
  return { estimate, dispose: () => passes.dispose() };
}

/** One pass for each size of batch. */
function compilePasses(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  sizes: readonly number[],
): StatefulFunction {
  const n = model.parameters.length;
  const parameters = model.parameters.map((spec) => tf.zeros([...spec.shape]));
  const kept = [...parameters, data.pixels, data.labels];
  const pass = gathering(n, data.classes, (...inputs) => {
    const [weights, images] = [inputs.slice(0, n), inputs[n]!];
    const run = inFloat32(() =>
      observing((observe) => model.train?.(weights, images, { drop: (x) => x, observe })),
    );
    return run.statistics;
  });
  try {
    const graphs = sizes.map((size) => {
      const batch = [tf.zeros([size], 'int32'), tf.ones([size])];
      const graph = capture(pass, [...kept, ...batch]);
      tf.dispose(batch);
      return graph;
    });
    return compileStateful(host, [], kept, graphs);
  } finally {
    tf.dispose(parameters);
  }
}
