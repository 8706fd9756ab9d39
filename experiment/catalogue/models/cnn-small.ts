/**
 * cnn-small: two convolutions and two dense layers; 162,710 parameters for 28 x 28 x 1 images, 10 classes.
 * Pooling comes before ReLU: max and ReLU commute, gradients included, and the pass is cheaper.
 */
import { anySize, type Architecture } from './layer-records.js';

const initial = 'he-normal';

export const cnnSmall: Architecture = {
  side: [4, anySize],
  layers: [
    { kind: 'convolution', name: 'conv1', filters: 16, size: 3, initial },
    { kind: 'max-pool', size: 2, stride: 2 },
    { kind: 'relu' },
    { kind: 'convolution', name: 'conv2', filters: 32, size: 3, initial },
    { kind: 'max-pool', size: 2, stride: 2 },
    { kind: 'relu' },
    { kind: 'flatten' },
    { kind: 'dense', name: 'dense1', units: 100, initial },
    { kind: 'relu' },
    { kind: 'dense', name: 'dense2', units: 'classes', initial },
  ],
};
