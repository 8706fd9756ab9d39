/** Activations of implicit layers: non-decreasing, with slopes in [0, 1], which a fixed point needs. */
import * as tf from '@tensorflow/tfjs';
import type { ImplicitActivation } from '../../experiment/catalogue/models/layer-records.js';
import { nativeOp } from '../graph/native.js';

/** A function of each entry, and its slope as a function of its output. */
export interface Activation {
  /** Φ(z), like z. */
  apply(z: tf.Tensor): tf.Tensor;
  /** Φ′(z) from x = Φ(z), in [0, 1]; at a kink the slope on the left. */
  slope(x: tf.Tensor): tf.Tensor;
}

/** Slope of leaky ReLU on the left, PyTorch's default. */
const leak = 0.01;

const isPositive = (x: tf.Tensor): tf.Tensor => tf.cast(tf.greater(x, 0), 'float32');

const activations: Readonly<Record<ImplicitActivation, Activation>> = {
  relu: { apply: (z) => nativeOp('Relu', [z]), slope: isPositive },
  'leaky-relu': {
    apply: (z) => tf.leakyRelu(z, leak),
    slope: (x) => tf.add(tf.mul(isPositive(x), 1 - leak), leak),
  },
  tanh: { apply: (z) => tf.tanh(z), slope: (x) => tf.sub(1, tf.square(x)) },
  softplus: { apply: (z) => tf.softplus(z), slope: (x) => tf.sub(1, tf.exp(tf.neg(x))) },
};

/** The activation of that name. */
export function activationFor(name: ImplicitActivation): Activation {
  return activations[name];
}
