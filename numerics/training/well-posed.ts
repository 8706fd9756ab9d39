/** Projection that keeps the coupling matrices of a curve's control points well-posed while they are fitted. */
import type * as tf from '@tensorflow/tfjs';
import { implicitSites } from '../../experiment/catalogue/models/implicit-sites.js';
import { projectMeasure } from '../implicit/measure-projection.js';
import type { Model } from '../models/model.js';

/**
 * A ← the nearest matrix with μ_∞ ≤ m, of each layer whose coupling matrix is a weight (`couplingNetwork`); other weights
 * stay. All mixtures of such matrices with weights that add up to 1, none negative, are well-posed as well.
 */
export function wellPosed(
  { layers = [], parameters: specs }: Model,
  parameters: readonly tf.Tensor[],
): readonly tf.Tensor[] {
  const bounds = new Map(
    implicitSites(layers)
      .filter(({ layer }) => layer.coordinates === 'coupling')
      .map(({ name, bound }) => [`${name}.coupling`, bound]),
  );
  return parameters.map((w, i) => {
    const bound = bounds.get(specs[i]!.name);
    return bound === undefined ? w : projectMeasure(w, bound);
  });
}
