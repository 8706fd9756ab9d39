/** Random changes of training images: moved (flipped and shifted), then erased, as a recipe says. */
import type * as tf from '@tensorflow/tfjs';
import type { Augmentation } from '../../experiment/specs/training.js';
import { draw } from '../graph/per-image.js';
import { augment } from './augmentation.js';
import { erase } from './erasing.js';

/** Apart from draw 0, of flips and shifts, and from 1, 2, …, those of dropout. */
const erasingDraw = -2;

/** Images [batch, h, w, c], augmented where there is an augmentation; the seed [2] (int32) decides. */
export function augmentImages(
  augmentation: Augmentation | undefined,
  images: tf.Tensor,
  seed: tf.Tensor | null,
): tf.Tensor {
  if (augmentation === undefined || seed === null) return images;
  const moved = augment(images, augmentation, draw(seed, 0));
  const { erasing } = augmentation;
  return erasing === undefined ? moved : erase(moved, erasing, draw(seed, erasingDraw));
}
