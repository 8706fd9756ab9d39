/** Normal random numbers inside a graph. */
import * as tf from '@tensorflow/tfjs';
import { nativeOp, typeAttribute } from './native.js';

/** N(0, 1) by TensorFlow's counter-based generator: the seed [2] (int32) alone decides them. */
export function normalTensor(shape: readonly number[], seed: tf.Tensor): tf.Tensor {
  const attributes = [
    typeAttribute('dtype', 'TF_FLOAT'),
    typeAttribute('T', 'TF_INT32'),
    typeAttribute('Tseed', 'TF_INT32'),
  ];
  return nativeOp('StatelessRandomNormal', [tf.tensor1d([...shape], 'int32'), seed], attributes);
}
