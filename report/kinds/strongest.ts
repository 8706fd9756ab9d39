/** The worst case over attacks on the same images, in the table of a path. */
import type { PathColumn } from '../tables/path-table.js';
import type { CurveView } from '../view/records.js';
import type { Presentation } from './presentation.js';

export const strongestPresentation: Presentation<'strongest'> = {
  shown: ['strongest_error'],
  columns,
};

/** Checks of the attacks stand at their own columns. */
function columns({ fitted: { strongest } }: CurveView): readonly PathColumn[] {
  return Object.entries(strongest).map(([series, points]) => ({
    head: `worst of ${series.slice(series.indexOf(':') + 1)} error %`,
    ...{ points, decimals: 2 },
  }));
}
