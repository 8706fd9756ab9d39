/**
 * The networks of LeCun et al. 1998 in the form in which pruning is reported (Han et al. 2015): lenet300 with two
 * hidden layers of 300 and 100 units, 266,610 parameters for MNIST; lenet5 with two 5 x 5 convolutions of 20 and 50
 * filters without padding and a hidden layer of 500, 431,080 parameters. Pooling before ReLU is the same function
 * (see cnn-small).
 */
import { anySize, type Architecture, type LayerRecord } from './layer-records.js';

const initial = 'he-normal';

export const lenet300: Architecture = {
  side: [1, anySize],
  layers: [
    { kind: 'flatten' },
    { kind: 'dense', name: 'fc1', units: 300, initial },
    { kind: 'relu' },
    { kind: 'dense', name: 'fc2', units: 100, initial },
    { kind: 'relu' },
    { kind: 'dense', name: 'fc3', units: 'classes', initial },
  ],
};

export const lenet5: Architecture = {
  side: [16, anySize],
  layers: [
    ...block('conv1', 20),
    ...block('conv2', 50),
    { kind: 'flatten' },
    { kind: 'dense', name: 'fc1', units: 500, initial },
    { kind: 'relu' },
    { kind: 'dense', name: 'fc2', units: 'classes', initial },
  ],
};

function block(name: string, filters: number): readonly LayerRecord[] {
  return [
    { kind: 'convolution', name, filters, size: 5, padding: 0, initial },
    { kind: 'max-pool', size: 2, stride: 2 },
    { kind: 'relu' },
  ];
}
