/** Random draws inside a training step: one seed per step, an independent stream for each use. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/specs/training.js';
import { draw } from '../graph/per-image.js';
import { uniformTensor } from '../graph/uniform.js';
import type { Training } from '../models/model.js';
import { opSeed } from '../random.js';
import { vectorFeed, type Feed } from '../optimise/step-inputs.js';

/** Further inputs of the step: its seed [2] (int32) where the recipe has anything random, else none. */
export function noiseInputs(recipe: TrainingRecipe, seed: number, step: number): Feed[] {
  return isNoisy(recipe) ? [vectorFeed(opSeed(seed, 'step-noise', step), 'int32')] : [];
}

/** Whether steps of this recipe take a seed. */
export function isNoisy({ dropout, augmentation }: TrainingRecipe): boolean {
  return dropout !== undefined || augmentation !== undefined;
}

/**
 * Inverted dropout (Srivastava et al. 2014, section 10): an activation is kept with probability
 * 1 - rate and then divided by it. Null where the recipe has no dropout.
 */
export function dropoutFor(
  { dropout }: TrainingRecipe,
  seed: tf.Tensor | null,
): Training['drop'] | null {
  if (dropout === undefined || seed === null) return null;
  let layer = 0;
  return (x) => {
    layer += 1;
    const draws = uniformTensor(x.shape, draw(seed, layer));
    const kept = tf.cast(tf.greaterEqual(draws, dropout), 'float32');
    return tf.mul(x, tf.mul(kept, 1 / (1 - dropout)));
  };
}
