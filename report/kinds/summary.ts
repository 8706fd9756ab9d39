/** Statistics over a path: extremes, means, barriers and correlations. */
import { associationTable, barrierTable, correlationTable } from '../tables/analysis-tables.js';
import { lengthTable, summaryTable } from '../tables/results-tables.js';
import type { Presentation } from './presentation.js';

export const summaryPresentation: Presentation<'summary'> = {
  shown: [],
  curveTables: (curve) => [barrierTable(curve), associationTable(curve)],
  summaryTables: (view) => [summaryTable(view), lengthTable(view), correlationTable(view)],
};
