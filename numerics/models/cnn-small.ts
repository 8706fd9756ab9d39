/**
 * cnn-small: two convolutions and two dense layers for 28 x 28 x 1 images, 162,710 parameters.
 * Pooling comes before ReLU: max and ReLU commute, gradients included, and the pass is cheaper.
 */
import * as tf from '@tensorflow/tfjs';
import { convolve, dense, maxPool2, relu } from './layers.js';
import type { Model } from './model.js';

export const cnnSmall: Model = {
  name: 'cnn-small',
  parameters: [
    { name: 'conv1.weight', shape: [3, 3, 1, 16] },
    { name: 'conv1.bias', shape: [16] },
    { name: 'conv2.weight', shape: [3, 3, 16, 32] },
    { name: 'conv2.bias', shape: [32] },
    { name: 'dense1.weight', shape: [1568, 100] },
    { name: 'dense1.bias', shape: [100] },
    { name: 'dense2.weight', shape: [100, 10] },
    { name: 'dense2.bias', shape: [10] },
  ],
  apply(parameters, images) {
    const [w1, b1, w2, b2, w3, b3, w4, b4] = parameters as tf.Tensor[];
    const x1 = relu(maxPool2(convolve(images, w1!, b1!))); // [batch, 14, 14, 16]
    const x2 = relu(maxPool2(convolve(x1, w2!, b2!))); // [batch, 7, 7, 32]
    const flat = tf.reshape(x2, [images.shape[0], 1568]);
    const x3 = relu(dense(flat, w3!, b3!)); // [batch, 100]
    return dense(x3, w4!, b4!); // [batch, 10]
  },
};
