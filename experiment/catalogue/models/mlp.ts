/** mlp: two hidden layers of 256 units; 269,322 parameters for 28 x 28 x 1 images, 10 classes. */
import { anySize, type Architecture } from './layer-records.js';

const initial = 'he-normal';

export const mlp: Architecture = {
  side: [1, anySize],
  layers: [
    { kind: 'flatten' },
    { kind: 'dense', name: 'dense1', units: 256, initial },
    { kind: 'relu' },
    { kind: 'dense', name: 'dense2', units: 256, initial },
    { kind: 'relu' },
    { kind: 'dense', name: 'dense3', units: 'classes', initial },
  ],
};
