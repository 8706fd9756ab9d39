/**
 * convfc (Garipov et al. 2018, models/convfc.py): three 5 x 5 convolutions, each with ReLU and 3 x 3
 * pooling of stride 2, then 1000-1000-classes; 2,436,906 parameters for 32 x 32 x 3 images, 10 classes.
 * Pooling before ReLU is the same function (see cnn-small).
 */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import {
  convolution,
  denseLayer,
  fanOutStart,
  flatten,
  maxPooling,
  reluLayer,
  sequence,
  torchStart,
  type Layer,
} from './layer.js';
import type { Model } from './model.js';
import { network } from './network.js';

const hidden = 1000;

export function convFc([height, width, channels]: ImageShape, classes: number): Model {
  return network(
    'convfc',
    sequence(
      block('conv1', channels, 32),
      block('conv2', 32, 64),
      block('conv3', 64, 128),
      flatten,
      denseLayer('fc1', pooled(height) * pooled(width) * 128, hidden, torchStart),
      reluLayer,
      denseLayer('fc2', hidden, hidden, torchStart),
      reluLayer,
      denseLayer('fc3', hidden, classes, torchStart),
    ),
  );
}

function block(name: string, from: number, to: number): Layer {
  return sequence(
    convolution(name, { kernel: 5, from, to }, fanOutStart),
    maxPooling(3, 2),
    reluLayer,
  );
}

/** The side that three poolings leave: (n - 3) / 2 + 1, rounded down, each time. */
function pooled(side: number): number {
  return [1, 2, 3].reduce((n) => Math.floor((n - 3) / 2) + 1, side);
}
