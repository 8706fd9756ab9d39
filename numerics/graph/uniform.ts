/** Random numbers inside a graph. */
import * as tf from '@tensorflow/tfjs';
import { nativeOp, typeAttribute } from './native.js';

/**
 * Uniform in [0,1) by TensorFlow's counter-based generator (Philox): the seed [2] (int32) alone
 * decides them.
 */
export function uniformTensor(shape: readonly number[], seed: tf.Tensor): tf.Tensor {
  return stateless('StatelessRandomUniform', shape, seed);
}

/** Standard normal, by the same generator. */
export function normalTensor(shape: readonly number[], seed: tf.Tensor): tf.Tensor {
  return stateless('StatelessRandomNormal', shape, seed);
}

function stateless(op: string, shape: readonly number[], seed: tf.Tensor): tf.Tensor {
  const attributes = [
    typeAttribute('dtype', 'TF_FLOAT'),
    typeAttribute('T', 'TF_INT32'),
    typeAttribute('Tseed', 'TF_INT32'),
  ];
  return nativeOp(op, [tf.tensor1d([...shape], 'int32'), seed], attributes);
}
