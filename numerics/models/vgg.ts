/**
 * vgg16 without batch norm (Simonyan & Zisserman 2015 in the form of Garipov et al. 2018, models/vgg.py):
 * thirteen 3 x 3 convolutions, then 512-512-classes with dropout before the first two dense layers;
 * 15,245,130 parameters for 32 x 32 x 3 images, 10 classes. A block's last ReLU comes after its pooling,
 * which is the same function (see cnn-small).
 */
import type { ImageShape } from '../../experiment/datasets.js';
import {
  convolution,
  denseLayer,
  dropout,
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

/** Output channels of the convolutions; a 2 x 2 pooling ends each block. */
const blocks = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;

/** Five poolings leave one pixel of a 32 x 32 image. */
const features = 512;

export function vgg16([, , channels]: ImageShape, classes: number): Model {
  return network('vgg16', sequence(...convolutions(channels), flatten, classifier(classes)));
}

function convolutions(channels: number): Layer[] {
  let from = channels;
  return blocks.flatMap((block, b) =>
    block.flatMap((to, i) => {
      const last = i === block.length - 1;
      const shape = { kernel: 3, from, to };
      from = to;
      const layer = convolution(`conv${b + 1}.${i + 1}`, shape, fanOutStart);
      return last ? [layer, maxPooling(2, 2), reluLayer] : [layer, reluLayer];
    }),
  );
}

function classifier(classes: number): Layer {
  return sequence(
    dropout,
    denseLayer('fc1', features, 512, torchStart),
    reluLayer,
    dropout,
    denseLayer('fc2', 512, 512, torchStart),
    reluLayer,
    denseLayer('fc3', 512, classes, torchStart),
  );
}
