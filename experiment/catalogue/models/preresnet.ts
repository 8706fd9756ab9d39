/**
 * Pre-activation residual networks (He et al. 2016, "Identity mappings") in the form of Garipov et al. 2018,
 * models/preresnet.py: batch norm, ReLU, convolution; a bare 1 x 1 convolution of the raw input where a block
 * changes the shape; bottleneck blocks from depth 44 on. preresnet26 has 369,498 parameters for 10 classes.
 */
import type { Architecture, ConvolutionRecord, LayerRecord } from './layer-records.js';

/** Depth counts the layers with weights on the longest path: 6 n + 2 (basic) or 9 n + 2 (bottleneck). */
export function preResNet(depth: 26 | 110 | 164): Architecture {
  const bottleneck = depth >= 44;
  const perStage = (depth - 2) / (bottleneck ? 9 : 6);
  const stages = [16, 32, 64].flatMap((planes, s) =>
    Array.from({ length: perStage }, (_, b): LayerRecord => {
      const stride = s > 0 && b === 0 ? 2 : 1;
      const outputs = bottleneck ? 4 * planes : planes;
      const changesShape = b === 0 && (bottleneck || s > 0);
      return {
        kind: 'residual',
        name: `layer${s + 1}.${b}`,
        branch: bottleneck ? bottleneckBranch(planes, stride) : basicBranch(planes, stride),
        ...(changesShape ? { shortcut: [convolution('downsample', outputs, 1, stride)] } : {}),
      };
    }),
  );
  return {
    side: [32, 32],
    layers: [
      convolution('conv1', 16, 3),
      ...stages,
      ...activation('bn'),
      { kind: 'global-average-pool' },
      { kind: 'dense', name: 'fc', units: 'classes', initial: 'fan-in-uniform' },
    ],
  };
}

function basicBranch(planes: number, stride: number): readonly LayerRecord[] {
  return [
    ...activation('bn1'),
    convolution('conv1', planes, 3, stride),
    ...activation('bn2'),
    convolution('conv2', planes, 3),
  ];
}

function bottleneckBranch(planes: number, stride: number): readonly LayerRecord[] {
  return [
    ...activation('bn1'),
    convolution('conv1', planes, 1),
    ...activation('bn2'),
    convolution('conv2', planes, 3, stride),
    ...activation('bn3'),
    convolution('conv3', 4 * planes, 1),
  ];
}

function activation(name: string): readonly LayerRecord[] {
  return [{ kind: 'batch-norm', name }, { kind: 'relu' }];
}

function convolution(name: string, filters: number, size: number, stride = 1): ConvolutionRecord {
  const initial = 'fan-out-normal';
  return { kind: 'convolution', name, filters, size, stride, bias: false, initial };
}
