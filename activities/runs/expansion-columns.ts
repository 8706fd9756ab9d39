/** What gradients and curvature say of the loss around each image, as columns and as their means. */
import type { InputSpectrumSpec } from '../../experiment/measurements.js';
import {
  firstOrderLoss,
  secondOrderLoss,
  type Expansion,
} from '../../numerics/curvature/input-expansion.js';
import type { ImageEigenvalue } from '../../numerics/curvature/input-spectrum.js';

type Column = readonly [name: string, value: (expansion: Expansion) => number];

/** As the run asks for them. */
export function expansionColumns({ gradients, prediction }: InputSpectrumSpec): readonly Column[] {
  return [
    ...(gradients
      ? ([
          ['gradient_l1', (e) => e.gradientL1],
          ['gradient_l2', (e) => e.gradientL2],
          ['alignment', (e) => e.alignment],
        ] as const satisfies readonly Column[])
      : []),
    ...(prediction
      ? ([
          ['first_order_nll', (e) => firstOrderLoss(e, prediction.epsilon)],
          ['second_order_nll', (e) => secondOrderLoss(e, prediction.epsilon)],
        ] as const satisfies readonly Column[])
      : []),
  ];
}

/** Means over the images, by series. */
export function expansionMeans(
  spec: InputSpectrumSpec,
  images: readonly ImageEigenvalue[],
): readonly (readonly [series: string, mean: number])[] {
  return expansionColumns(spec).map(([name, value]) => {
    const sum = images.reduce((total, image) => total + value(image.expansion!), 0);
    return [`${name}_mean`, sum / images.length];
  });
}
