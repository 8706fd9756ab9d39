/** An attack on one batch as a process: tensors that are initialised from the images and changed step by step. */
import type * as tf from '@tensorflow/tfjs';
import type { Draws } from '../../graph/draws.js';
import type { BatchUnderAttack } from './model-under-attack.js';

/** Inputs that change from one call to the next. */
export interface CallInputs {
  /** The random draws of this call, of each image for itself; `k` is less than `drawsPerStep`. */
  readonly draws: Draws;
  /** In the order in which the procedure makes them. */
  readonly numbers: readonly tf.Tensor[];
}

/** Every step of a batch is one native call. The state is float32 tensors [batch, …], of the same shapes after every step. */
export interface StepwiseProcedure {
  readonly execution: 'stepwise';
  readonly steps: number;
  /** The numbers of step `step`, from 0: scalars of the whole batch; the caller disposes of them. */
  stepInputs(step: number): tf.Tensor[];
  /** Its numbers are two, [batch] each: ranks of the target classes, and 1 for a random start where that is a choice. */
  initialise(batch: BatchUnderAttack, inputs: CallInputs): tf.Tensor[];
  takeStep(batch: BatchUnderAttack, state: readonly tf.Tensor[], inputs: CallInputs): tf.Tensor[];
  /** Candidates among which the worst case is chosen, each in the ball and in [0,1]. */
  candidates(batch: BatchUnderAttack, state: readonly tf.Tensor[]): readonly tf.Tensor[];
  /** Which images are known to be misclassified already, [batch], 1 or 0; absent: the state does not tell. */
  misclassified?(state: readonly tf.Tensor[]): tf.Tensor;
  /** The target class, one-hot [batch, classes]; absent: an untargeted attack. */
  targetClass?(state: readonly tf.Tensor[]): tf.Tensor;
  /** Where the loss is lower than after half of the steps, [batch], 1 or 0; absent: there is no such loss. */
  lossFell?(state: readonly tf.Tensor[]): tf.Tensor;
}

/**
 * Its steps are unrolled into one graph or, where they are many, into blocks of a loop: one or a few native calls for the
 * whole attack on a batch. No step has draws or numbers of its own.
 */
export interface UnrolledProcedure {
  readonly execution: 'unrolled';
  readonly steps: number;
  initialise(batch: BatchUnderAttack, draws: Draws): tf.Tensor[];
  takeStep(batch: BatchUnderAttack, state: readonly tf.Tensor[]): tf.Tensor[];
  /** The adversarial examples, in the ball and in [0,1]. */
  result(state: readonly tf.Tensor[]): tf.Tensor;
}

/** One attack method on one batch; a runner compiles it and carries it out. */
export type Procedure = StepwiseProcedure | UnrolledProcedure;

/** Distance between the seeds of two steps. */
export const drawsPerStep = 16;
