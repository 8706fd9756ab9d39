/** Gradient norms, alignment and predicted losses per image, as columns and as their means. */
import {
  mean,
  overExisting,
  quantity,
  type Quantity,
} from '../../../experiment/records/quantity.js';
import type { InputSpectrumSpec } from '../../../experiment/kinds/spectrum/input-spectrum.js';
import {
  firstOrderLoss,
  secondOrderLoss,
  type Expansion,
} from '../../../numerics/curvature/measures/input-expansion.js';
import type { ImageEigenvalue } from '../../../numerics/curvature/measures/input-spectrum.js';

type ColumnName =
  'gradient_l1' | 'gradient_l2' | 'alignment' | 'first_order_nll' | 'second_order_nll';
type Column = readonly [name: ColumnName, of: (expansion: Expansion) => Quantity];

/** As the run asks for them. */
export function expansionColumns({ gradients, prediction }: InputSpectrumSpec): readonly Column[] {
  return [
    ...(gradients
      ? ([
          ['gradient_l1', (e) => quantity(e.gradientL1, 1)],
          ['gradient_l2', (e) => quantity(e.gradientL2, 1)],
          ['alignment', (e) => e.alignment],
        ] as const satisfies readonly Column[])
      : []),
    ...(prediction
      ? ([
          ['first_order_nll', (e) => quantity(firstOrderLoss(e, prediction.epsilon), 1)],
          ['second_order_nll', (e) => quantity(secondOrderLoss(e, prediction.epsilon), 1)],
        ] as const satisfies readonly Column[])
      : []),
  ];
}

/** Means over the images for which each exists, by series. */
export function expansionMeans(
  spec: InputSpectrumSpec,
  images: readonly ImageEigenvalue[],
): readonly (readonly [series: `${ColumnName}_mean`, mean: Quantity])[] {
  return expansionColumns(spec).map(([name, of]) => {
    const found = images.map(({ expansion }) => of(expansion!));
    return [`${name}_mean`, overExisting(found, mean)] as const;
  });
}
