/**
 * Residual networks for CIFAR (He et al. 2016, "Deep residual learning", section 4.2): a 3 x 3 stem of 16 filters, three
 * stages of n blocks with 16, 32 and 64, ReLU after the sum; where a block halves the image, its shortcut takes every
 * second pixel and pads the channels with zeros (option A). Names of tensors and the normalisation of images are those
 * of the networks published for PyTorch (akamaster/pytorch_resnet_cifar10). resnet20 has 269,722 parameters.
 */
import type { Architecture, ConvolutionRecord, LayerRecord } from './layer-records.js';

/** Depth counts the layers with weights on the longest path: 6 n + 2. */
export function resNet(depth: 20 | 32 | 44 | 56 | 110): Architecture {
  const perStage = (depth - 2) / 6;
  const stages = [16, 32, 64].flatMap((filters, s) =>
    Array.from({ length: perStage }, (_, b) =>
      block(`layer${s + 1}.${b}`, filters, s > 0 && b === 0),
    ),
  );
  return {
    side: [32, 32],
    layers: [
      { kind: 'normalise', mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
      ...normalised(1, 16),
      { kind: 'relu' },
      ...stages.flat(),
      { kind: 'global-average-pool' },
      { kind: 'dense', name: 'linear', units: 'classes', initial: 'he-normal' },
    ],
  };
}

function block(name: string, filters: number, halves: boolean): readonly LayerRecord[] {
  const branch: readonly LayerRecord[] = [
    ...normalised(1, filters, halves ? 2 : 1),
    { kind: 'relu' },
    ...normalised(2, filters),
  ];
  const shortcut: readonly LayerRecord[] = [
    { kind: 'average-pool', size: 1, stride: 2 },
    { kind: 'pad-channels', before: filters / 4, after: filters / 4 },
  ];
  return [{ kind: 'residual', name, branch, ...(halves ? { shortcut } : {}) }, { kind: 'relu' }];
}

/** A 3 x 3 convolution without bias and its batch norm. */
function normalised(index: number, filters: number, stride = 1): readonly LayerRecord[] {
  const convolution: ConvolutionRecord = {
    ...{ kind: 'convolution', name: `conv${index}`, filters, size: 3, stride },
    ...{ bias: false, initial: 'he-normal' },
  };
  return [convolution, { kind: 'batch-norm', name: `bn${index}` }];
}
