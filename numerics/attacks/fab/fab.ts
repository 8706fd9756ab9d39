/**
 * FAB (Croce and Hein 2020, Fast Adaptive Boundary): the nearest image of another class. Each step goes onto the
 * linearised boundary to one other class, pulled towards the original image.
 */
import * as tf from '@tensorflow/tfjs';
import { aimOf } from '../runner/target-class.js';
import { ontoHyperplane } from './hyperplane.js';
import type { Norm } from '../norms/norm.js';
import { indicator, select, selectImages, spread, sumEach } from '../../graph/per-image.js';
import type { Procedure } from '../runner/procedure.js';
import { ascertain, fooled, type Victim } from '../runner/victim.js';

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

/** The state: the point, the nearest misclassified one and its distance [batch], and the class aimed at. */
export function fab({ norm, epsilon, steps }: FabSettings): Procedure {
  return {
    steps,
    numbers: () => [],
    begin(victim, { seed, numbers: [rank, random] }) {
      const { images } = victim;
      const start = norm.randomStart(images, tf.scalar(epsilon / 2), seed);
      const x = select(tf.greater(random!, 0), start, images);
      return [x, images, tf.fill([images.shape[0]], far), aimOf('fed', victim, rank!)];
    },
    step(victim, [x, nearest, distance, target]) {
      const next = acrossBoundary(norm, victim, target!, x!);
      const wrong = fooled(victim.logits(next), victim.labels);
      const away = norm.length(tf.sub(next, victim.images));
      const nearer = tf.logicalAnd(wrong, tf.less(away, distance!));
      const back = tf.add(victim.images, tf.mul(tf.sub(next, victim.images), backwards));
      return [
        selectImages(wrong, back, next),
        selectImages(nearer, next, nearest!),
        select(nearer, away, distance!),
        target!,
      ];
    },
    found: (victim, [, nearest, distance]) => [
      selectImages(tf.lessEqual(distance!, epsilon), nearest!, victim.images),
    ],
    fooled: ([, , distance]) => indicator(tf.lessEqual(distance!, epsilon)),
  };
}

/** Both the point and the original image go onto the boundary as it looks from the point, and are mixed. */
function acrossBoundary(norm: Norm, victim: Victim, target: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const { images, labels } = victim;
  const towards = tf.sub(target, labels);
  const { losses: lead, gradient } = ascertain(
    victim,
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
