/**
 * FAB (Croce and Hein 2020, Fast Adaptive Boundary): the nearest image of another class. Each step goes onto the
 * linearised boundary to one other class, pulled towards the original image.
 */
import * as tf from '@tensorflow/tfjs';
import { targetClasses } from '../procedure/target-class.js';
import { ontoHyperplane } from './hyperplane.js';
import type { Norm } from '../norms/norm.js';
import { indicator, select, selectImages, spread, sumEach } from '../../graph/per-image.js';
import type { StepwiseProcedure } from '../procedure/procedure.js';
import {
  lossAndInputGradient,
  misclassified,
  type BatchUnderAttack,
} from '../procedure/model-under-attack.js';

/** Settings of FAB; epsilon in [0,1] pixel units of the norm. */
export interface FabSettings {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly steps: number;
}

/** Largest pull towards the original image. */
const mostPull = 0.1;
/** By how much a step goes beyond the boundary. */
const overshoot = 1.05;
/** How far back towards the image it starts again from one that is misclassified. */
const backwards = 0.9;
const far = 1e10;

/** FAB as a procedure. State: the point, the nearest misclassified one and its distance [batch], the target class [batch, classes]. */
export function fab({ norm, epsilon, steps }: FabSettings): StepwiseProcedure {
  return {
    execution: 'stepwise',
    steps,
    stepInputs: () => [],
    initialise(batch, { draws, numbers: [rank, random] }) {
      const { images } = batch;
      const start = norm.randomStart(images, tf.scalar(epsilon / 2), draws);
      const x = selectImages(tf.greater(random!, 0), start, images);
      return [x, images, tf.fill([images.shape[0]], far), targetClasses('by-rank', batch, rank!)];
    },
    takeStep(batch, [x, nearest, distance, target]) {
      const next = acrossBoundary(norm, batch, target!, x!);
      const wrong = misclassified(batch, next);
      const away = norm.length(tf.sub(next, batch.images));
      const nearer = tf.logicalAnd(wrong, tf.less(away, distance!));
      const back = tf.add(batch.images, tf.mul(tf.sub(next, batch.images), backwards));
      return [
        selectImages(wrong, back, next),
        selectImages(nearer, next, nearest!),
        select(nearer, away, distance!),
        target!,
      ];
    },
    candidates: (batch, [, nearest, distance]) => [
      selectImages(tf.lessEqual(distance!, epsilon), nearest!, batch.images),
    ],
    misclassified: ([, , distance]) => indicator(tf.lessEqual(distance!, epsilon)),
  };
}

/** Both the point and the original image go onto the boundary as it looks from the point, and are mixed. */
function acrossBoundary(
  norm: Norm,
  batch: BatchUnderAttack,
  target: tf.Tensor,
  x: tf.Tensor,
): tf.Tensor {
  const { images, labels } = batch;
  const towards = tf.sub(target, labels);
  const { losses: lead, gradient } = lossAndInputGradient(
    batch,
    (logits) => tf.sum(tf.mul(logits, towards), 1),
    x,
  );
  const change = ontoHyperplane(norm.name, x, gradient, lead);
  const atOriginal = tf.add(lead, sumEach(tf.mul(gradient, tf.sub(images, x))));
  const original = ontoHyperplane(norm.name, images, gradient, atOriginal);
  const [a, b] = [change, original].map((d) => tf.maximum(norm.length(d), 1e-8));
  const pull = spread(tf.minimum(tf.div(a!, tf.add(a!, b!)), mostPull), x);
  const mixed = tf.add(
    tf.mul(tf.add(x, tf.mul(change, overshoot)), tf.sub(1, pull)),
    tf.mul(tf.add(images, tf.mul(original, overshoot)), pull),
  );
  return tf.clipByValue(mixed, 0, 1);
}
