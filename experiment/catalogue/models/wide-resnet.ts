/**
 * wrn28x10 (Zagoruyko & Komodakis 2016) in the form of Garipov et al. 2018, models/wide_resnet.py: convolutions
 * with bias, the second one of a block carries the stride; 36,489,290 parameters for 10 classes.
 */
import type { Architecture, ConvolutionRecord, LayerRecord } from './layer-records.js';

const blocksPerStage = 4;

export const wrn28x10: Architecture = {
  side: [32, 32],
  layers: [
    convolution('conv1', 16, 3),
    ...[160, 320, 640].flatMap((filters, s) =>
      Array.from({ length: blocksPerStage }, (_, b) => block(filters, s, b)),
    ),
    // The momentum of the last batch norm alone, as published.
    { kind: 'batch-norm', name: 'bn1', momentum: 0.9 },
    { kind: 'relu' },
    { kind: 'global-average-pool' },
    { kind: 'dense', name: 'linear', units: 'classes', initial: 'fan-in-uniform' },
  ],
};

/** The first block of each stage changes the number of channels, and from the second stage on halves the image. */
function block(filters: number, stage: number, b: number): LayerRecord {
  const stride = stage > 0 && b === 0 ? 2 : 1;
  return {
    kind: 'residual',
    name: `layer${stage + 1}.${b}`,
    branch: [
      { kind: 'batch-norm', name: 'bn1' },
      { kind: 'relu' },
      convolution('conv1', filters, 3),
      { kind: 'batch-norm', name: 'bn2' },
      { kind: 'relu' },
      convolution('conv2', filters, 3, stride),
    ],
    ...(b === 0 ? { shortcut: [convolution('shortcut', filters, 1, stride)] } : {}),
  };
}

function convolution(name: string, filters: number, size: number, stride = 1): ConvolutionRecord {
  return { kind: 'convolution', name, filters, size, stride, initial: 'fan-in-uniform' };
}
