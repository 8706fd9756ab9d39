/** Series of certificates of robustness along a path. */
import type { SeriesTable } from './entry.js';

export const certificateSeries = {
  certified_accuracy: {
    unit: '%',
    axis: 't',
    better: 'higher',
    description:
      'fraction of the images that are classified correctly, provably, under every perturbation within epsilon; the method and epsilon follow the colon',
    family: 'named',
  },
  certified_margin: {
    unit: '1',
    axis: 't',
    better: 'higher',
    description:
      'median over images of the lower bound of the smallest margin of the logits within epsilon; the method and epsilon follow the colon',
    family: 'named',
  },
} as const satisfies SeriesTable;

/** Series of implicit networks, on the same images unperturbed. */
export const solverSeries = {
  solver_iterations: {
    unit: 'steps',
    axis: 't',
    better: 'lower',
    description:
      'mean over images of the averaged iterations until the relative residual is 1e-4; the number of all of them where it never is',
  },
  solver_residual_max: {
    unit: '1',
    axis: 't',
    better: 'lower',
    description: 'largest relative residual over images after all iterations',
  },
  matrix_measure: {
    unit: '1',
    axis: 't',
    better: 'lower',
    description:
      'matrix measure of the coupling in its weighted norm, below 1 where it is well-posed',
  },
} as const satisfies SeriesTable;
