/**
 * wrn28x10 (Zagoruyko & Komodakis 2016) in the form of Garipov et al. 2018, models/wide_resnet.py: convolutions
 * with bias, the second one of a block carries the stride; 36,489,290 parameters for 10 classes.
 */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import { averagePooling, batchNorm, residual } from './blocks.js';
import { convolution, denseLayer, reluLayer, sequence, torchStart, type Layer } from './layer.js';
import type { Model } from './model.js';
import { network } from './network.js';

const blocksPerStage = 4;
const widths = [160, 320, 640] as const;
/** Of the last batch norm alone, as published. */
const lastMomentum = 0.9;

export function wrn28x10([, , channels]: ImageShape, classes: number): Model {
  let from = 16;
  const stages = widths.flatMap((to, s) =>
    Array.from({ length: blocksPerStage }, (_, b) => {
      const layer = block(`layer${s + 1}.${b}`, from, to, s > 0 && b === 0 ? 2 : 1);
      from = to;
      return layer;
    }),
  );
  return network(
    'wrn28x10',
    sequence(
      convolution('conv1', { kernel: 3, from: channels, to: 16 }, torchStart),
      ...stages,
      batchNorm('bn1', from, lastMomentum),
      reluLayer,
      averagePooling,
      denseLayer('linear', from, classes, torchStart),
    ),
  );
}

function block(name: string, from: number, to: number, stride: number): Layer {
  const branch = sequence(
    batchNorm(`${name}.bn1`, from),
    reluLayer,
    convolution(`${name}.conv1`, { kernel: 3, from, to }, torchStart),
    batchNorm(`${name}.bn2`, to),
    reluLayer,
    convolution(`${name}.conv2`, { kernel: 3, from: to, to }, torchStart, stride),
  );
  const shortcut =
    from === to && stride === 1
      ? null
      : convolution(`${name}.shortcut`, { kernel: 1, from, to }, torchStart, stride);
  return residual(branch, shortcut);
}
