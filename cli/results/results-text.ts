/** All result tables of one experiment for a terminal. */
import { absentTable } from '../../report/tables/absent-table.js';
import {
  associationTable,
  barrierTable,
  ensembleTable,
} from '../../report/tables/analysis-tables.js';
import { paperTables } from '../../report/tables/paper.js';
import * as tables from '../../report/tables/results-tables.js';
import type { ExperimentView } from '../../report/view/records.js';
import { resultsTableText } from '../terminal/tables.js';

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
