/** Per-image predictions: on the images of a data set, or on others with the same labels. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type Pause } from './batched.js';
import { batchCount } from '../data/batches.js';
import type { ResidentData } from '../data/resident.js';
import { scores } from './evaluate.js';
import { inFloat32 } from '../graph/in-float32.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';

/** Classes and mean scores over a data set. */
export interface Predictions {
  /** Class of each image. */
  readonly predicted: readonly number[];
  /** Mean cross-entropy, nats. */
  readonly nll: number;
  /** Fraction misclassified, per cent. */
  readonly error: number;
}

/** A compiled forward pass over a data set. */
export interface Predictor {
  /** Native calls of one pass. */
  readonly calls: number;
  /** `images` [count · size] stand for those of the data set; absent: its own. */
  predict(weights: ParameterTensors, pause: Pause, images?: Float32Array): Promise<Predictions>;
  dispose(): void;
}

/** Compiles the forward pass for batches of `batchSize` images. */
export function createPredictor(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): Predictor {
  const size = Math.min(batchSize, data.count);
  const area = data.shape[0] * data.shape[1] * data.shape[2];
  const feed = (images: Float32Array) => (from: number) => {
    const batch = new Float32Array(size * area);
    batch.set(images.subarray(from * area, (from + size) * area));
    return [tf.tensor(batch, [size, ...data.shape])];
  };
  const own = overBatches(host, model, data, size, (weights, { images, labels }) =>
    predictBatch(model, weights, images, labels),
  );
  const others = overBatches(host, model, data, size, {
    work: (weights, { labels }, images) => predictBatch(model, weights, images, labels),
    exampleExtra: () => feed(new Float32Array(size * area))(0),
  });
  const predict: Predictor['predict'] = async (weights, pause, images) => {
    const predicted: number[] = [];
    let [nll, wrong] = [0, 0];
    await (images ? others : own).run(
      weights,
      ({ count, outputs: [classes, losses, misses] }) => {
        for (let i = 0; i < count; i++) {
          predicted.push(classes![i]!);
          nll += losses![i]!;
          wrong += misses![i]!;
        }
      },
      pause,
      images && feed(images),
    );
    return { predicted, nll: nll / data.count, error: (100 * wrong) / data.count };
  };
  const dispose = (): void => {
    own.dispose();
    others.dispose();
  };
  return { calls: batchCount(data.count, size), predict, dispose };
}

/** Class, CE and wrong of each image, [batch] float32. */
function predictBatch(
  model: Model,
  weights: ParameterTensors,
  images: tf.Tensor,
  labels: tf.Tensor,
): tf.Tensor[] {
  return inFloat32(() => {
    const logits = model.apply(weights, images);
    return [tf.cast(tf.argMax(logits, 1), 'float32'), ...scores(logits, labels)];
  });
}

/** Mean over all pairs of members of the fraction of images on which the two predict different classes, per cent. */
export function disagreement(predictions: readonly (readonly number[])[]): number {
  let [different, compared] = [0, 0];
  predictions.forEach((a, i) =>
    predictions.slice(i + 1).forEach((b) => {
      different += a.filter((label, image) => label !== b[image]).length;
      compared += a.length;
    }),
  );
  return (100 * different) / compared;
}
