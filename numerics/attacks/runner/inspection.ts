/** What is measured at the images themselves: their scores, and two signs that an attack may say little. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type Pause } from '../../evaluation/batched.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import { exactly } from '../../graph/in-float32.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { imageGradient } from '../../losses/training-loss.js';
import type { Batching } from './compile-procedure.js';
import { createKept } from './kept-images.js';
import type { CleanPredictions } from './outcomes.js';
import { indicator, maxEach } from '../../graph/per-image.js';
import { targetScores } from './target.js';

export interface Inspection {
  readonly clean: CleanPredictions;
  /** 1 where the image itself is misclassified, else 0. */
  readonly wrong: Float32Array;
  /** The images [count · size], in [0,1]; null unless asked for. */
  readonly pixels: Float32Array | null;
  /** Share of the images whose cross-entropy has no gradient: one that starts there does not move. */
  readonly zeroGradient: number;
  /** Share of the images whose cross-entropy is another one when it is computed again: a random network. */
  readonly random: number;
}

export interface Inspector {
  /** Batches of one inspection; it goes over them twice. */
  readonly batches: number;
  inspect(weights: ParameterTensors, pause: Pause): Promise<Inspection>;
  dispose(): void;
}

export function createInspector(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  { batchSize, withImages }: Batching,
): Inspector {
  const batches = overBatches(host, model, data, batchSize, (weights, { images, labels }) => {
    const gradient = imageGradient(model, weights, labels)(images);
    const still = indicator(tf.equal(maxEach(tf.abs(gradient)), 0));
    const { nll, wrong, predicted } = exactly(() =>
      targetScores(model.apply(weights, images), labels),
    );
    return [nll, wrong, predicted, still, ...(withImages ? [images] : [])];
  });
  const inspect: Inspector['inspect'] = async (weights, pause) => {
    const nll = new Float32Array(data.count);
    const wrong = new Float32Array(data.count);
    const predicted = new Float32Array(data.count);
    const kept = withImages ? createKept(data) : null;
    let [still, changed] = [0, 0];
    for (const again of [false, true]) {
      await batches.run(
        weights,
        ({ from, count, outputs: [losses, errors, classes, zero, pixels] }) => {
          for (let i = 0; i < count; i++) {
            if (again && losses![i] !== nll[from + i]) changed++;
            nll[from + i] = losses![i]!;
            wrong[from + i] = errors![i]!;
            predicted[from + i] = classes![i]!;
            if (!again) still += zero![i]!;
            kept?.take(from + i, i, pixels!);
          }
        },
        pause,
      );
    }
    const share = (n: number): number => n / data.count;
    const clean = { nll, predicted };
    const pixels = kept && kept.pixels;
    return { clean, wrong, pixels, zeroGradient: share(still), random: share(changed) };
  };
  return { batches: 2 * batches.calls, inspect, dispose: () => batches.dispose() };
}
