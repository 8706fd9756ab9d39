/** The worst-case merge of two outcomes of an attack, image by image, in the graph. */
import * as tf from '@tensorflow/tfjs';
import { selectImages } from '../../graph/per-image.js';
import type { Outcome } from './outcomes.js';

/** Outcomes [batch] each, and whatever else goes with them, [batch, …]. */
type Judged = Readonly<Record<string, tf.Tensor>> & Pick<Outcome<tf.Tensor>, 'nll' | 'wrong'>;

/**
 * Misclassified is worse than not misclassified; among equals the higher cross-entropy is worse. One that is not a
 * number replaces what was there, so that it shows. All fields come from the outcome that counts.
 */
export function worse<T extends Judged>(before: T, found: T): T {
  const higher = tf.logicalNot(tf.lessEqual(found.nll, before.nll));
  const replaces = tf.logicalOr(
    tf.greater(found.wrong, before.wrong),
    tf.logicalAnd(tf.equal(found.wrong, before.wrong), higher),
  );
  const chosen = Object.keys(before).map((field) => [
    field,
    selectImages(replaces, found[field]!, before[field]!),
  ]);
  return Object.fromEntries(chosen) as T;
}
