/** An attacker who knows the detector: gradient ascent on the cross-entropy less a multiple of the distance. */
import * as tf from '@tensorflow/tfjs';
import type { DetectionSpace } from '../../experiment/config/detection/detector.js';
import { linf } from '../attacks/norms/linf.js';
import { projectedStep } from '../attacks/pgd/gradient-ascent.js';
import type { Pause } from '../evaluation/batched.js';
import { compile, type CompiledFunction, type GraphHost } from '../graph/compile.js';
import { imageDraws } from '../graph/draws.js';
import { crossEntropies } from '../losses/cross-entropy.js';
import { weightSpecs, type Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';
import { opSeed } from '../random.js';
import { pointsAtOnce, type Detector } from './detector.js';
import { embedImages } from './embedding.js';

/** The ascent; radius and step in [0,1] pixel units under linf. */
export interface AdaptiveSettings {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  readonly seed: number;
}

/** Images that are attacked, and the weights of the network and of the distance. */
interface AdaptiveTask {
  readonly weights: ParameterTensors;
  readonly detector: Detector;
  /** [n · h · w · c], in [0,1]. */
  readonly images: Float32Array;
  /** [n]. */
  readonly labels: Uint8Array;
  /** λ, nats per unit of distance. */
  readonly lambda: number;
}

/** A compiled attacker. */
export interface AdaptiveAttacker {
  /** The images after the last step, in the ball and in [0,1]; `pause` follows each step. */
  attack(task: AdaptiveTask, pause: Pause): Promise<Float32Array>;
  dispose(): void;
}

/** Shape of the images, and the number of classes. */
export interface ImageFacts {
  readonly shape: readonly [number, number, number];
  readonly classes: number;
}

/**
 * x ← project(x + stepSize · sign ∇(CE(x) - λ d(φ(x)))), `steps` times, for the network's points φ(x) and the detector's
 * distance d. Neighbours are found anew at every step, and held fixed in its gradient.
 */
export function createAdaptiveAttacker(
  host: GraphHost,
  model: Model,
  space: DetectionSpace,
  { shape, classes }: ImageFacts,
  settings: AdaptiveSettings,
): AdaptiveAttacker {
  const compiled = compileStep(host, model, space, { shape, classes }, settings);
  const size = shape[0] * shape[1] * shape[2];
  return {
    async attack(task, pause) {
      const count = task.labels.length;
      const found = new Float32Array(task.images.length);
      for (let from = 0; from < count; from += pointsAtOnce) {
        const end = Math.min(from + pointsAtOnce, count);
        const part = {
          images: task.images.subarray(from * size, end * size),
          labels: task.labels.subarray(from, end),
        };
        const batch = batchTensors(part, { shape, classes });
        try {
          const last = await climb(compiled, task, batch, { ...settings, from }, pause);
          found.set(last.subarray(0, part.images.length), from * size);
        } finally {
          tf.dispose([batch.images, batch.labels]);
        }
      }
      return found;
    },
    dispose() {
      compiled.points.dispose();
      compiled.step.dispose();
    },
  };
}

interface CompiledStep {
  /** Weights and images to points [batch, d]. */
  readonly points: CompiledFunction;
  /** Weights, x, images, labels, gradient of the distance in the points, λ to the next x. */
  readonly step: CompiledFunction;
}

function compileStep(
  host: GraphHost,
  model: Model,
  space: DetectionSpace,
  { shape, classes }: ImageFacts,
  { epsilon, stepSize }: AdaptiveSettings,
): CompiledStep {
  const specs = weightSpecs(model);
  const n = specs.length;
  const weights = specs.map((spec) => tf.zeros([...spec.shape]));
  const images = tf.zeros([pointsAtOnce, ...shape]);
  const points = compile(
    host,
    (...inputs) => [embedImages(model, space, inputs.slice(0, n), inputs[n]!).points],
    [...weights, images],
  );
  const [example] = points(...weights, images);
  const others = [
    tf.zerosLike(images),
    ...[tf.zeros([pointsAtOnce, classes]), tf.zerosLike(example!), tf.scalar(0)],
  ];
  const step = compile(
    host,
    (...inputs) => {
      const [x, centre, labels, direction, lambda] = inputs.slice(n);
      const gradient = tf.grad((at: tf.Tensor) => {
        const seen = embedImages(model, space, inputs.slice(0, n), at);
        const loss = tf.sum(crossEntropies(seen.logits, labels!));
        return tf.sub(loss, tf.mul(lambda!, tf.sum(tf.mul(seen.points, direction!))));
      })(x!);
      const ball = { norm: linf, epsilon: tf.scalar(epsilon) };
      return [projectedStep(x!, gradient, tf.scalar(stepSize), centre!, ball)];
    },
    [...weights, images, ...others],
  );
  tf.dispose([...weights, images, example!, ...others]);
  return { points, step };
}

interface Batch {
  /** [batch, h, w, c]; zeros after the last. */
  readonly images: tf.Tensor;
  /** One-hot [batch, classes]. */
  readonly labels: tf.Tensor;
}

function batchTensors(
  { images, labels }: Pick<AdaptiveTask, 'images' | 'labels'>,
  { shape, classes }: ImageFacts,
): Batch {
  const size = shape[0] * shape[1] * shape[2];
  return tf.tidy(() => {
    const classOf = tf.tensor1d(padded(labels, pointsAtOnce), 'int32');
    return {
      images: tf.tensor(padded(images, pointsAtOnce * size), [pointsAtOnce, ...shape]),
      labels: tf.cast(tf.oneHot(classOf, classes), 'float32'),
    };
  });
}

/** The images of the batch after the last step; `from` is the place of the first in the data set. */
async function climb(
  { points, step }: CompiledStep,
  { weights, detector, lambda }: AdaptiveTask,
  { images, labels }: Batch,
  settings: AdaptiveSettings & { readonly from: number },
  pause: Pause,
): Promise<Float32Array> {
  let x = settings.randomStart ? randomStart(images, settings) : tf.clone(images);
  const factor = tf.scalar(lambda);
  try {
    for (let i = 0; i < settings.steps; i++) {
      const [at] = points(...weights, x) as [tf.Tensor2D];
      // Without a weight the detector need not be asked.
      const direction = lambda === 0 ? tf.zerosLike(at) : detector.gradients(at);
      const [next] = step(...weights, x, images, labels, direction, factor);
      tf.dispose([x, at, direction]);
      x = next!;
      await pause();
    }
    return x.dataSync<'float32'>();
  } finally {
    tf.dispose([x, factor]);
  }
}

/** A random point of each ball; the places of the images in the data set decide the draws. */
function randomStart(
  images: tf.Tensor,
  { epsilon, seed, from }: AdaptiveSettings & { readonly from: number },
): tf.Tensor {
  return tf.tidy(() => {
    const seeds = Array.from({ length: pointsAtOnce }, (_, i) => [
      ...opSeed(seed, 'detection-start', from + i),
    ]);
    return linf.randomStart(
      images,
      tf.scalar(epsilon),
      imageDraws(tf.tensor2d(seeds, [pointsAtOnce, 2], 'int32')),
    );
  });
}

function padded(values: Float32Array | Uint8Array, length: number): Float32Array {
  const whole = new Float32Array(length);
  whole.set(values);
  return whole;
}
