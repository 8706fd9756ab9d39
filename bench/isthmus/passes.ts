/** Forward passes and attacks, as evaluations, attacks and adversarial training run them. */
import * as tf from '@tensorflow/tfjs';
import { buildAttack } from '../../numerics/attacks/methods/build-attack.js';
import { ascend } from '../../numerics/attacks/pgd/gradient-ascent.js';
import { linf } from '../../numerics/attacks/norms/linf.js';
import { singleNetwork } from '../../numerics/attacks/procedure/model-under-attack.js';
import { createAttackRunner } from '../../numerics/attacks/runner/runner.js';
import { createEvaluator } from '../../numerics/evaluation/evaluate.js';
import { compile } from '../../numerics/graph/compile.js';
import { imageGradient } from '../../numerics/losses/training-loss.js';
import type { Setting } from './setting.js';
import { batchSize, classes } from './sizes.js';
import { repeated, type PreparedWork } from './work.js';

export const epsilon = 0.1;
export const stepSize = 0.025;

export const noPause = (): void => undefined;

/** Loss and error of the images of the file, per batch. */
export function forward({ host, model, data, weights }: Setting): PreparedWork {
  const evaluator = createEvaluator(host, model, data, batchSize);
  return repeated(
    async () => void (await evaluator.evaluate(weights, noPause)),
    () => evaluator.dispose(),
    data.count / batchSize,
  );
}

/** A whole evaluation of the attack on one batch: random start, ten steps, scores before and after. */
export function pgd10({ host, model, firstBatch, weights }: Setting): PreparedWork {
  const method = { norm: 'linf', epsilon, stepSize, steps: 10, randomStart: true } as const;
  const attack = buildAttack(method, firstBatch.shape, 1);
  const attacker = createAttackRunner(host, singleNetwork(model), attack, firstBatch, {
    ...{ batchSize, keepImages: false },
  });
  return repeated(
    async () => void (await attacker.attack(weights, noPause)),
    () => attacker.dispose(),
  );
}

/** One step of it, from images to images. */
export function pgdStep({ host, model, images, weights }: Setting): PreparedWork {
  const { x, y } = batchTensors(images);
  const n = weights.length;
  const step = compile(
    host,
    (...inputs) => {
      const gradient = imageGradient(model, inputs.slice(0, n), inputs[n + 1]!);
      const [radius, length] = [tf.scalar(epsilon), tf.scalar(stepSize)];
      const ascent = { epsilon: radius, stepSize: length, steps: 1, startSeed: null };
      return [ascend(gradient, inputs[n]!, linf, ascent)];
    },
    [...weights, x, y],
  );
  return repeated(
    () => tf.dispose(step(...weights, x, y)),
    () => {
      step.dispose();
      tf.dispose([x, y]);
    },
  );
}

/** The first batch as images in [0,1] and one-hot labels. */
function batchTensors(images: Setting['images']): { x: tf.Tensor; y: tf.Tensor } {
  const [h, w, c] = images.shape;
  const pixels = images.pixels.subarray(0, batchSize * h * w * c);
  const labels = Int32Array.from(images.labels.subarray(0, batchSize));
  return tf.tidy(() => ({
    x: tf.tensor(
      Float32Array.from(pixels, (p) => p / 255),
      [batchSize, h, w, c],
    ),
    y: tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32'),
  }));
}
