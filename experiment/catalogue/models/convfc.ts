/**
 * convfc (Garipov et al. 2018, models/convfc.py): three 5 x 5 convolutions, each with ReLU and 3 x 3
 * pooling of stride 2, then 1000-1000-classes; 2,422,634 parameters for 32 x 32 x 3 images, 10 classes.
 * Pooling before ReLU is the same function (see cnn-small).
 */
import { anySize, type Architecture, type LayerRecord } from './layer-records.js';

export const convFc: Architecture = {
  side: [15, anySize],
  layers: [
    ...block('conv1', 32),
    ...block('conv2', 64),
    ...block('conv3', 128),
    { kind: 'flatten' },
    { kind: 'dense', name: 'fc1', units: 1000, initial: 'fan-in-uniform' },
    { kind: 'relu' },
    { kind: 'dense', name: 'fc2', units: 1000, initial: 'fan-in-uniform' },
    { kind: 'relu' },
    { kind: 'dense', name: 'fc3', units: 'classes', initial: 'fan-in-uniform' },
  ],
};

function block(name: string, filters: number): readonly LayerRecord[] {
  return [
    { kind: 'convolution', name, filters, size: 5, initial: 'fan-out-normal' },
    { kind: 'max-pool', size: 3, stride: 2 },
    { kind: 'relu' },
  ];
}
