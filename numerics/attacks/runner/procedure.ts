/** An attack on one batch as a process: tensors that are begun from the images and moved on step by step. */
import type * as tf from '@tensorflow/tfjs';
import type { Victim } from './victim.js';

/** What changes from one call to the next. */
export interface Fed {
  /** Decides what is random in this call: [2], int32. Fewer than `drawsPerStep` draws of it. */
  readonly seed: tf.Tensor;
  /** In the order in which the procedure makes them. */
  readonly numbers: readonly tf.Tensor[];
}

/** The state is tensors of float32, of the same shapes after every step. */
export interface Procedure {
  readonly steps: number;
  /** What every step is fed; the caller disposes of it. */
  numbers(step: number): tf.Tensor[];
  /** The numbers fed are two: the rank of the class to aim at, and 1 for a random start where that is a choice. */
  begin(victim: Victim, fed: Fed): tf.Tensor[];
  step(victim: Victim, state: readonly tf.Tensor[], fed: Fed): tf.Tensor[];
  /** The images found so far among which the worst is to be chosen: each in the ball and in [0,1]. */
  found(victim: Victim, state: readonly tf.Tensor[]): readonly tf.Tensor[];
  /** Which images are misclassified already, [batch], 1 or 0, as the state knows; absent: it does not. */
  fooled?(state: readonly tf.Tensor[]): tf.Tensor;
  /** The class aimed at, one-hot [batch, classes]; absent: any but the label's. */
  aim?(state: readonly tf.Tensor[]): tf.Tensor;
  /** Where the last step's loss is below that of half the steps, [batch], 1 or 0; absent: nothing can fall. */
  fell?(state: readonly tf.Tensor[]): tf.Tensor;
}

export const drawsPerStep = 16;
