/**
 * vgg16 and vgg16-bn (Simonyan & Zisserman 2015 in the form of Garipov et al. 2018, models/vgg.py):
 * thirteen 3 x 3 convolutions, then 512-512-classes with dropout before the first two dense layers;
 * 15,245,130 parameters for 32 x 32 x 3 images, 10 classes, without batch norm. The published VGG16BN omits
 * some of its modules by a slip; here every convolution has its batch norm. A block's last ReLU comes after its
 * pooling, which is the same function (see cnn-small).
 */
import type { Architecture, LayerRecord } from './layer-records.js';

export const vgg16: Architecture = {
  side: [32, 32],
  layers: [...convolutions(false, 1), ...classifier(512)],
};

/** A quarter of the widths: 955,098 parameters. */
export const vgg16Thin: Architecture = {
  side: [32, 32],
  layers: [...convolutions(false, 1 / 4), ...classifier(128)],
};

/** With batch norm after every convolution. */
export const vgg16Bn: Architecture = {
  side: [32, 32],
  layers: [...convolutions(true, 1), ...classifier(512)],
};

/** A 2 x 2 pooling ends each block; five of them leave one pixel of a 32 x 32 image. */
function convolutions(batchNorm: boolean, width: number): readonly LayerRecord[] {
  const blocks = [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ];
  return blocks.flatMap((block, b) =>
    block.flatMap((published, i): LayerRecord[] => {
      const filters = width * published;
      const name = `conv${b + 1}.${i + 1}`;
      return [
        { kind: 'convolution', name, filters, size: 3, initial: 'fan-out-normal' },
        ...(batchNorm ? [{ kind: 'batch-norm', name: `${name}.bn` } as const] : []),
        ...(i === block.length - 1 ? [{ kind: 'max-pool', size: 2, stride: 2 } as const] : []),
        { kind: 'relu' },
      ];
    }),
  );
}

function classifier(units: number): readonly LayerRecord[] {
  return [
    { kind: 'flatten' },
    { kind: 'dropout' },
    { kind: 'dense', name: 'fc1', units, initial: 'fan-in-uniform' },
    { kind: 'relu' },
    { kind: 'dropout' },
    { kind: 'dense', name: 'fc2', units, initial: 'fan-in-uniform' },
    { kind: 'relu' },
    { kind: 'dense', name: 'fc3', units: 'classes', initial: 'fan-in-uniform' },
  ];
}
