/** mlp: two hidden layers of 256 units; 269,322 parameters for 28 x 28 x 1 images, 10 classes. */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import { denseLayer, flatten, heStart, reluLayer, sequence } from './layer.js';
import type { Model } from './model.js';
import { network } from './network.js';

const hidden = 256;

export function mlp([height, width, channels]: ImageShape, classes: number): Model {
  return network(
    'mlp',
    sequence(
      flatten,
      denseLayer('dense1', height * width * channels, hidden, heStart),
      reluLayer,
      denseLayer('dense2', hidden, hidden, heStart),
      reluLayer,
      denseLayer('dense3', hidden, classes, heStart),
    ),
  );
}
