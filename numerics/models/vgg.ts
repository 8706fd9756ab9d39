/**
 * vgg16 and vgg16-bn (Simonyan & Zisserman 2015 in the form of Garipov et al. 2018, models/vgg.py):
 * thirteen 3 x 3 convolutions, then 512-512-classes with dropout before the first two dense layers;
 * 15,245,130 parameters for 32 x 32 x 3 images, 10 classes, without batch norm. The published VGG16BN leaves
 * part of its modules out by a slip; here every convolution has its batch norm. A block's last ReLU comes after its pooling,
 * which is the same function (see cnn-small).
 */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import { batchNorm } from './blocks.js';
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
  const layers = convolutions(channels, () => []);
  return network('vgg16', sequence(...layers, flatten, classifier(classes)));
}

/** Every convolution with batch norm before its ReLU. */
export function vgg16Bn([, , channels]: ImageShape, classes: number): Model {
  const layers = convolutions(channels, (name, to) => [batchNorm(`${name}.bn`, to)]);
  return network('vgg16-bn', sequence(...layers, flatten, classifier(classes)));
}

function convolutions(channels: number, after: (name: string, to: number) => Layer[]): Layer[] {
  let from = channels;
  return blocks.flatMap((block, b) =>
    block.flatMap((to, i) => {
      const name = `conv${b + 1}.${i + 1}`;
      const layer = convolution(name, { kernel: 3, from, to }, fanOutStart);
      from = to;
      const pooling = i === block.length - 1 ? [maxPooling(2, 2)] : [];
      return [layer, ...after(name, to), ...pooling, reluLayer];
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
