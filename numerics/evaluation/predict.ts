/** What a network makes of each single image: of the data set's own, or of others with the same labels. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type BatchFunction, type Pause } from './batched.js';
import { batchCount } from '../data/batches.js';
import type { ResidentData } from '../data/resident.js';
import { scores } from './evaluate.js';
import { exactly } from '../graph/in-float32.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';

export interface Judgement {
  /** Class of each image. */
  readonly predicted: readonly number[];
  /** Mean cross-entropy, nats. */
  readonly nll: number;
  /** Misclassified share, per cent. */
  readonly error: number;
}

export interface Judge {
  /** Batches of one judgement. */
  readonly batches: number;
  /** `images` [count · size] stand for those of the data set; absent: its own. */
  judge(weights: ParameterTensors, pause: Pause, images?: Float32Array): Promise<Judgement>;
  dispose(): void;
}

export function createJudge(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): Judge {
  const size = Math.min(batchSize, data.count);
  const area = data.shape[0] * data.shape[1] * data.shape[2];
  const feed = (images: Float32Array) => (from: number) => {
    const batch = new Float32Array(size * area);
    batch.set(images.subarray(from * area, (from + size) * area));
    return [tf.tensor(batch, [size, ...data.shape])];
  };
  const own = overBatches(host, model, data, size, (weights, { images, labels }) =>
    judged(model, weights, images, labels),
  );
  const others = overBatches(
    ...([host, model, data, size] as const),
    ((weights, { labels }, images) =>
      judged(model, weights, images, labels)) satisfies BatchFunction,
    () => feed(new Float32Array(size * area))(0),
  );
  const judge: Judge['judge'] = async (weights, pause, images) => {
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
  return { batches: batchCount(data.count, size), judge, dispose };
}

/** Class, CE and wrong of each image, [batch] float32. */
function judged(
  model: Model,
  weights: ParameterTensors,
  images: tf.Tensor,
  labels: tf.Tensor,
): tf.Tensor[] {
  return exactly(() => {
    const logits = model.apply(weights, images);
    return [tf.cast(tf.argMax(logits, 1), 'float32'), ...scores(logits, labels)];
  });
}

/** Mean over all pairs of the share of images on which the two differ, per cent. */
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
