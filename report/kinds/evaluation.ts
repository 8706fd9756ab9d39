/** Clean loss and error along a path, and what is left of tampering. */
import { evaluationFigures } from '../figures/figures.js';
import type { PathColumn } from '../tables/path-table.js';
import { aloneTable } from '../tables/results-tables.js';
import type { CurveView } from '../view/records.js';
import { isTampering, tamperingHead } from '../view/success.js';
import type { Presentation } from './presentation.js';

export const evaluationPresentation: Presentation<'evaluation'> = {
  shown: [
    ...(['test_error', 'test_loss', 'test_nll', 'arc_length'] as const),
    ...(['attack_success', 'injection_success', 'injection_stealth'] as const),
  ],
  columns,
  lastColumns: ({ line }) => [
    { head: 'line error %', points: line?.evaluation['test_error'] ?? [], decimals: 2 },
    { head: 'line loss', points: line?.evaluation['test_loss'] ?? [], decimals: 4 },
  ],
  figures: evaluationFigures,
  endpointTables: (view) => [aloneTable(view)],
};

function columns({ fitted: { evaluation } }: CurveView): readonly PathColumn[] {
  return [
    { head: 'test error %', points: evaluation['test_error'] ?? [], decimals: 2 },
    { head: 'test loss', points: evaluation['test_loss'] ?? [], decimals: 4 },
    { head: 'test nll', points: evaluation['test_nll'] ?? [], decimals: 4 },
    ...Object.entries(evaluation)
      .filter(([name]) => isTampering(name))
      .map(([name, points]) => ({ head: tamperingHead(name), points, decimals: 2 })),
  ];
}
