/** Whether a network is small or large: what decides the threads of the engine that computes its runs. */
import { describeDataset } from '../catalogue/own-dataset.js';
import { modelWeights } from '../catalogue/models/index.js';
import type { Shared } from '../specs/fields.js';
import type { RunSpec } from '../kinds/index.js';

type NetworkSize = 'small' | 'large';

/**
 * Multiplications for one image, forward, from which a network is large: there a second thread makes a lone run
 * nearly twice as fast. On MNIST cnn-small has 1.2 million and convfc 18; on CIFAR-10 preresnet26 has 55.
 */
const largeFrom = 10e6;

export function networkSize({ model, dataset }: Pick<Shared, 'model' | 'dataset'>): NetworkSize {
  const { shape, classes } = describeDataset(dataset);
  return modelWeights(model, shape, classes).products < largeFrom ? 'small' : 'large';
}

/** A run without a network of its own counts as small. */
export function runSize(spec: RunSpec): NetworkSize {
  return 'model' in spec ? networkSize(spec) : 'small';
}
