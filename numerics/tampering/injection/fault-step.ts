/** One step of fault sneaking as a pure function of tensors: gradient descent on one tensor of a network. */
import * as tf from '@tensorflow/tfjs';
import type { TensorFunction } from '../../graph/capture.js';
import type { Model } from '../../models/model.js';
import { descendAlong } from '../../optimise/step-transform.js';

/** When an injection has succeeded, and the weights of its loss. */
export interface FaultGoal {
  /** How many of the images, the first, have a wrong target. */
  readonly wrong: number;
  /** Weight of these in the loss; the others weigh 1. */
  readonly weight: number;
  /** Least lead of the target logit. */
  readonly margin: number;
  readonly stepSize: number;
  /** Least fraction of all images that must be classified as their targets. */
  readonly stealth: number;
}

/**
 * Minimises Σ_i a_i max(0, max_{k ≠ t_i} z_k(x_i) - z_{t_i}(x_i) + margin) over the tensor at `position` of the
 * model's weights, all other weights fixed (Zhao et al. 2019, without a norm of the change). Once every
 * wrong image and the stealth hold, the tensor stays as it is.
 *
 * Inputs: the tensor, the other weights in their order, images [n, h, w, c], one-hot targets [n, classes].
 * Outputs: the new tensor; the loss [] and, of the tensor before the step, how many [of the wrong images, of
 * all images] [2] are classified as their targets.
 */
export function faultStep(model: Model, position: number, goal: FaultGoal): TensorFunction {
  return (tensor, ...inputs) => {
    const [images, targets] = inputs.slice(-2) as [tf.Tensor, tf.Tensor];
    const others = inputs.slice(0, -2);
    const logitsOf = (w: tf.Tensor): tf.Tensor =>
      model.apply([...others.slice(0, position), w, ...others.slice(position)], images);
    const importance = imageImportance(images.shape[0], goal);
    const objective = (w: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(hinges(logitsOf(w), targets, goal.margin), importance)).asScalar();
    const { value, grad } = tf.valueAndGrad(objective)(tensor);
    const reached = classifiedAs(logitsOf(tensor), targets);
    const counts = tf.stack([tf.sum(tf.slice(reached, 0, goal.wrong)), tf.sum(reached)]);
    const needed = tf.tensor1d(neededCounts(images.shape[0], goal));
    const moves = tf.sub(1, tf.cast(tf.all(tf.greaterEqual(counts, needed)), 'float32'));
    const [next] = descendAlong([tensor], [grad], tf.mul(moves, goal.stepSize));
    return [next!, value, counts];
  };
}

/** max(0, max_{k ≠ t} z_k - z_t + margin) [n] of logits and one-hot targets [n, classes]. */
export function hinges(logits: tf.Tensor, targets: tf.Tensor, margin: number): tf.Tensor {
  const own = tf.sum(tf.mul(logits, targets), 1);
  const best = tf.max(tf.sub(logits, tf.mul(targets, outOfReach)), 1);
  return tf.relu(tf.add(tf.sub(best, own), margin));
}

/** Takes the target out of the maximum over the other classes, as the published code does. */
const outOfReach = 1e4;

/** 1 where the largest logit is the target's, else 0; [n]. */
function classifiedAs(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(targets, 1)), 'float32');
}

function imageImportance(images: number, { wrong, weight }: FaultGoal): tf.Tensor {
  return tf.tensor1d(new Float32Array(images).fill(1).fill(weight, 0, wrong));
}

/** How many [of the wrong images, of all] must be classified as their targets. */
export function neededCounts(
  images: number,
  { wrong, stealth }: Pick<FaultGoal, 'wrong' | 'stealth'>,
): [number, number] {
  // A share such as 0.95 of 1000 may be rounded up by its last bit.
  return [wrong, Math.ceil(stealth * images - 1e-9)];
}
