/** All result tables of one experiment for a terminal. */
import { absentTable } from '../report/absent-table.js';
import { associationTable, barrierTable, ensembleTable } from '../report/analysis-tables.js';
import { paperTables } from '../report/paper.js';
import * as tables from '../report/results-tables.js';
import type { ExperimentView } from '../report/views.js';
import { resultsTableText } from './tables.js';

export function resultsText(view: ExperimentView, width: number): string {
  return [
    ...paperTables(view),
    ...view.curves.map(tables.pathTable),
    tables.summaryTable(view),
    tables.lengthTable(view),
    tables.correlationTable(view),
    ...view.curves.flatMap((curve) => [
      barrierTable(curve),
      associationTable(curve),
      ensembleTable(curve),
    ]),
    tables.endpointTable(view),
    tables.aloneTable(view),
    absentTable(view),
  ]
    .filter(({ rows }) => rows.length > 0)
    .map((table) => resultsTableText(table, width))
    .join('\n\n');
}
