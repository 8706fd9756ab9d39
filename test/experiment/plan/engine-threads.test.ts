// VGG16 has 313 million multiplications for a CIFAR image; the small numbers are counted by hand.
import { expect, test } from 'vitest';
import { datasets, type DatasetName } from '../../../experiment/catalogue/datasets.js';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { weightsFor } from '../../../experiment/catalogue/models/weights.js';
import { modelWeights, type ModelName } from '../../../experiment/catalogue/models/index.js';
import { networkSize } from '../../../experiment/plan/engine-threads.js';

test.each<[ModelName, DatasetName, 'small' | 'large']>([
  ['cnn-small', 'mnist', 'small'],
  ['cnn-small', 'cifar10', 'small'],
  ['mlp', 'cifar10', 'small'],
  ['convfc', 'mnist', 'large'],
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

test('multiplications of a residual block are those of its branch and of its shortcut', () => {
  const layer = (name: string): LayerRecord => ({
    ...{ kind: 'convolution', name, filters: 2, size: 1, initial: 'he-normal' },
  });
  const block: LayerRecord = {
    ...{
      kind: 'residual',
      name: 'block',
      branch: [layer('a'), layer('b')],
      shortcut: [layer('c')],
    },
  };
  const each = 3 * 3 * (5 * 2);
  expect(weightsFor([block], [3, 3, 5], 10).products).toBe(2 * each + 3 * 3 * (2 * 2));
});
