/** Robust loss and error along a path, marked where a validity check of the attack failed. */
import { attackFigures } from '../figures/figures.js';
import type { PathColumn } from '../tables/path-table.js';
import type { CurveView } from '../view/records.js';
import type { Presentation } from './presentation.js';

export const attackPresentation: Presentation<'attack'> = {
  shown: ['robust_error', 'robust_nll'],
  columns,
  figures: attackFigures,
};

function columns({ fitted: { attacks } }: CurveView): readonly PathColumn[] {
  const many = attacks.length > 1;
  return attacks.flatMap(({ name, series, checks }): readonly PathColumn[] => [
    {
      ...{ head: many ? `${name} error %` : 'robust error %', decimals: 2 },
      ...{ points: series['robust_error'] ?? [], checks, of: name },
    },
    {
      ...{ head: many ? `${name} nll` : 'robust nll', decimals: 4 },
      ...{ points: series['robust_nll'] ?? [], checks, of: name },
    },
  ]);
}
