/** Weights and images by which a network is compared with PyTorch's: drawn from a seed, statistics too. */
import {
  modelLayers,
  modelWeights,
  type ModelName,
} from '../../experiment/catalogue/models/index.js';
import { drawInitial } from '../../numerics/models/initial.js';
import type { ParameterValues } from '../../numerics/models/parameters.js';
import type { NetworkShape } from '../../stores/formats/pytorch-layout.js';
import { normals, stream } from '../../numerics/random.js';

/** Images of a network. */
export const imageCount = 2;

export interface ReferenceInputs {
  readonly network: NetworkShape;
  /** Parameters and statistics by name. */
  readonly weights: ParameterValues;
  /** [2, 32, 32, 3] in [0, 1]. */
  readonly images: Float32Array;
}

/** The same on every machine. */
export function referenceInputs(name: ModelName): ReferenceInputs {
  const shape = [32, 32, 3] as const;
  const { parameters, statistics } = modelWeights(name, shape, 10);
  const generator = stream(1, 'init', 0);
  const weights = new Map(parameters.map((one) => [one.name, drawInitial(generator, one)]));
  for (const statistic of statistics) {
    const draws = normals(generator, statistic.shape[0]!);
    // Means around 0, variances around 1, never near 0.
    weights.set(
      statistic.name,
      Float32Array.from(draws, (z) => statistic.start + 0.1 * Math.tanh(z)),
    );
  }
  const pixels = normals(generator, imageCount * 32 * 32 * 3);
  const images = Float32Array.from(pixels, (z) => 0.5 + 0.5 * Math.tanh(z));
  return { network: { layers: modelLayers(name), shape, classes: 10 }, weights, images };
}
