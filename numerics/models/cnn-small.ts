/**
 * cnn-small: two convolutions and two dense layers; 162,710 parameters for 28 x 28 x 1 images, 10 classes.
 * Pooling comes before ReLU: max and ReLU commute, gradients included, and the pass is cheaper.
 */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import {
  convolution,
  denseLayer,
  flatten,
  heStart,
  maxPooling,
  reluLayer,
  sequence,
} from './layer.js';
import type { Model } from './model.js';
import { network } from './network.js';

export function cnnSmall([height, width, channels]: ImageShape, classes: number): Model {
  const features = Math.floor(height / 4) * Math.floor(width / 4) * 32;
  return network(
    'cnn-small',
    sequence(
      convolution('conv1', { kernel: 3, from: channels, to: 16 }, heStart),
      maxPooling(2, 2),
      reluLayer,
      convolution('conv2', { kernel: 3, from: 16, to: 32 }, heStart),
      maxPooling(2, 2),
      reluLayer,
      flatten,
      denseLayer('dense1', features, 100, heStart),
      reluLayer,
      denseLayer('dense2', 100, classes, heStart),
    ),
  );
}
