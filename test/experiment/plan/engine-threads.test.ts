// Sizes are known from the architectures' papers: PreResNet-26 has 41 million multiplications, VGG16 313 million.
import { expect, test } from 'vitest';
import { datasets, type DatasetName } from '../../../experiment/catalogue/datasets.js';
import { modelWeights, type ModelName } from '../../../experiment/catalogue/models/index.js';
import { networkSize } from '../../../experiment/plan/engine-threads.js';

test.each<[ModelName, DatasetName, 'small' | 'large']>([
  ['cnn-small', 'mnist', 'small'],
  ['cnn-small', 'cifar10', 'small'],
  ['mlp', 'cifar10', 'small'],
  ['preresnet26', 'cifar10', 'large'],
  ['vgg16', 'cifar10', 'large'],
  ['vgg16-bn', 'cifar100', 'large'],
  ['wrn28x10', 'cifar10', 'large'],
])('%s on %s is %s', (model, dataset, size) => {
  expect(networkSize({ model, dataset })).toBe(size);
});

test('multiplications are those of convolutions, at each place of their output, and dense layers', () => {
  const { shape, classes } = datasets.mnist;
  const convolutions = 28 * 28 * (9 * 1 * 16) + 14 * 14 * (9 * 16 * 32);
  const dense = 7 * 7 * 32 * 100 + 100 * 10;
  expect(modelWeights('cnn-small', shape, classes).products).toBe(convolutions + dense);
  const { products } = modelWeights('vgg16', datasets.cifar10.shape, 10);
  expect(products / 1e6).toBeCloseTo(313, -1);
});
