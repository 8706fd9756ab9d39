/** All result tables of one experiment for a terminal. */
import {
  curvePoints,
  curveTables,
  endpointTables,
  furtherSeriesNames,
  summaryTables,
} from '../../report/kinds/index.js';
import { absentTable } from '../../report/tables/absent-table.js';
import { paperTables } from '../../report/tables/paper.js';
import type { ExperimentView } from '../../report/view/records.js';
import { foldLine } from '../terminal/fit-table.js';
import { resultsTableText } from '../terminal/tables.js';

export function resultsText(view: ExperimentView, width: number): string {
  const tables = [
    ...paperTables(view),
    ...view.curves.map(curvePoints),
    ...summaryTables(view),
    ...view.curves.flatMap(curveTables),
    ...endpointTables(view),
    absentTable(view),
  ];
  return [
    ...tables.filter(({ rows }) => rows.length > 0).map((table) => resultsTableText(table, width)),
    ...furtherText(view, width),
  ].join('\n\n');
}

/** The report has their values in a table; here they would bury the others. */
function furtherText(view: ExperimentView, width: number): readonly string[] {
  const names = furtherSeriesNames(view);
  if (names.length === 0) return [];
  const text = `Further series (in the report, or by --metric): ${names.join(', ')}`;
  return [foldLine(text, width)];
}
