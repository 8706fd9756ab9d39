/** Certified accuracy along a path, for each method and radius. */
import { certificateFigures } from '../figures/certificate-figures.js';
import type { PathColumn } from '../tables/path-table.js';
import type { CurveView } from '../view/records.js';
import type { Presentation } from './presentation.js';

export const certificatePresentation: Presentation<'certificate'> = {
  shown: ['certified_accuracy'],
  columns,
  figures: certificateFigures,
};

function columns({ fitted: { certificates } }: CurveView): readonly PathColumn[] {
  return certificates.flatMap(({ name, series }) =>
    Object.entries(series).flatMap(([full, points]) => {
      const [family, method = '', epsilon = ''] = full.split(':');
      if (family !== 'certified_accuracy') return [];
      return [{ head: `${name} ${method}, ε ${epsilon}: certified %`, points, decimals: 2 }];
    }),
  );
}
