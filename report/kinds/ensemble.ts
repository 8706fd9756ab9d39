/** The networks of a path as an ensemble: each member, all together, and a member drawn at random. */
import { ensembleTable } from '../tables/analysis-tables.js';
import type { Presentation } from './presentation.js';

export const ensemblePresentation: Presentation<'ensemble'> = {
  shown: [
    ...(['member_error', 'member_robust_error', 'ensemble_transfer_error'] as const),
    ...(['ensemble_error', 'ensemble_robust_error', 'ensemble_disagreement'] as const),
    ...(['drawn_member_error', 'drawn_member_robust_error'] as const),
  ],
  curveTables: (curve) => [ensembleTable(curve)],
};
