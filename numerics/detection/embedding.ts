/** Where a detector looks: at pixels, at the penultimate layer of the network, or at its logits. */
import * as tf from '@tensorflow/tfjs';
import type { DetectionSpace } from '../../experiment/config/detection/detector.js';
import type { Pause } from '../evaluation/batched.js';
import { compile, type CompiledFunction, type GraphHost } from '../graph/compile.js';
import { inFloat32 } from '../graph/in-float32.js';
import { flat } from '../graph/per-image.js';
import { weightSpecs, type Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';
import { pointsAtOnce, type Points } from './detector.js';

/** Images as points of a space, and the classes that the network gives them. */
export interface Embedded extends Points {
  /** Class of each image, [n]. */
  readonly predicted: Float32Array;
}

/** A compiled forward pass from images to points. */
export interface Embedding {
  /** Images [n · h · w · c] in [0,1]. */
  embed(weights: ParameterTensors, images: Float32Array, pause: Pause): Promise<Embedded>;
  dispose(): void;
}

/** The embedding of images [h, w, c]; the network is evaluated in batches of `pointsAtOnce`. */
export function createEmbedding(
  host: GraphHost,
  model: Model,
  space: DetectionSpace,
  shape: readonly [number, number, number],
): Embedding {
  const batchShape = [pointsAtOnce, ...shape];
  const size = shape[0] * shape[1] * shape[2];
  const compiled = compileEmbedding(host, model, space, batchShape);
  const embed: Embedding['embed'] = async (weights, images, pause) => {
    const count = images.length / size;
    const parts: Float32Array[] = [];
    const predicted = new Float32Array(count);
    for (let from = 0; from < count; from += pointsAtOnce) {
      const rows = Math.min(pointsAtOnce, count - from);
      const [points, classes] = runPadded(
        compiled,
        weights,
        images.subarray(from * size, (from + rows) * size),
        batchShape,
      );
      parts.push(points!.subarray(0, (points!.length / pointsAtOnce) * rows));
      predicted.set(classes!.subarray(0, rows), from);
      await pause();
    }
    const values = joined(parts);
    return { values, dimension: values.length / count, predicted };
  };
  return { embed, dispose: () => compiled.dispose() };
}

function compileEmbedding(
  host: GraphHost,
  model: Model,
  space: DetectionSpace,
  batchShape: readonly number[],
): CompiledFunction {
  const examples = tf.tidy(() => [
    ...weightSpecs(model).map((spec) => tf.zeros([...spec.shape])),
    tf.zeros([...batchShape]),
  ]);
  const f = (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const { points, logits } = embedImages(model, space, inputs.slice(0, -1), inputs.at(-1)!);
    return [points, tf.cast(tf.argMax(logits, 1), 'float32')];
  };
  try {
    return compile(host, (...inputs) => inFloat32(() => f(...inputs)), examples);
  } finally {
    tf.dispose(examples);
  }
}

/** Points [batch, d] of images [batch, h, w, c], and their logits [batch, classes]. */
export function embedImages(
  model: Model,
  space: DetectionSpace,
  weights: ParameterTensors,
  images: tf.Tensor,
): { readonly points: tf.Tensor2D; readonly logits: tf.Tensor } {
  switch (space) {
    case 'pixels':
      return { points: flat(images), logits: model.apply(weights, images) };
    case 'logits': {
      const logits = model.apply(weights, images);
      return { points: flat(logits), logits };
    }
    case 'penultimate': {
      if (!model.features) throw new Error(`${model.name} has no last dense layer to look before`);
      const { features, logits } = model.features(weights, images);
      return { points: flat(features), logits };
    }
    default:
      throw new Error(`unknown space ${String(space satisfies never)}`);
  }
}

/** Outputs of one batch that may be short of images. */
function runPadded(
  compiled: CompiledFunction,
  weights: ParameterTensors,
  images: Float32Array,
  shape: readonly number[],
): readonly Float32Array[] {
  const filled = new Float32Array(shape.reduce((product, side) => product * side, 1));
  filled.set(images);
  const batch = tf.tensor(filled, [...shape]);
  const results = compiled(...weights, batch);
  batch.dispose();
  const values = results.map((result) => result.dataSync<'float32'>());
  tf.dispose(results);
  return values;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
