/** `results`: tables along each path with their summary and the endpoints, or every value in long format. */
import { seriesCatalogue, seriesEntry } from '../../experiment/kinds/series.js';
import { absenceReasons } from '../../experiment/records/quantity.js';
import { UserError } from '../../experiment/errors.js';
import { distance } from 'fastest-levenshtein';
import { loadSettings } from '../../settings/settings.js';
import { csvLine } from '../../report/view/csv.js';
import { longRows, metricUnit, type LongRow } from '../../report/view/long-rows.js';
import {
  endpointsOverAxis,
  endpointSpreadDocument,
  endpointSpreadTable,
} from '../../report/tables/endpoints-over-axis.js';
import { sweptAxes, overAxis, spreadDocument, spreadTable } from '../../report/tables/over-axis.js';
import { readExperimentView } from '../../report/view/read-view.js';
import type { ExperimentView } from '../../report/view/records.js';
import { printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { resultsDocument } from '../results/results-document.js';
import { resultsText } from '../results/results-text.js';
import { sayMissing } from '../status/missing-runs.js';
import { withReader } from '../connections/reader.js';
import { resultsTableText } from '../terminal/tables.js';

export interface ResultsOptions extends CommonOptions {
  readonly csv?: true;
  readonly metric?: string;
  readonly over?: string;
}

export async function results(
  context: Context,
  id: string,
  options: ResultsOptions,
): Promise<ExitCode> {
  const view = await withReader(loadSettings(context.env), async (store) =>
    readExperimentView(store, await findExperiment(store, id)),
  );
  if (options.over !== undefined) return spread(context, view, options.over);
  const rows = longRows(view);
  const chosen = options.metric === undefined ? rows : choose(rows, options.metric);
  if (options.csv) context.print(csv(chosen));
  else if (context.json) printJson(context, resultsDocument(view, chosen));
  else if (options.metric !== undefined) context.print(metricText(chosen));
  else context.print(resultsText(view, context.width));
  sayMissing(context, view);
  context.next(`report ${view.id} -o report.html`);
  return exitCodes.ok;
}

/** One row per statistic and group of endpoints, or of curves, that differ in that axis alone. */
function spread(context: Context, view: ExperimentView, axis: string): ExitCode {
  const [paths, endpoints] = [overAxis(view, axis), endpointsOverAxis(view, axis)];
  if (paths.length + endpoints.length === 0) {
    const known = sweptAxes(view).join(', ') || 'none';
    throw new UserError('bad-input', `nothing was swept over "${axis}" (axes: ${known})`);
  }
  if (context.json) {
    const statistics = paths.map(spreadDocument);
    const ofEndpoints = endpoints.map(endpointSpreadDocument);
    printJson(context, { id: view.id, over: axis, statistics, endpoints: ofEndpoints });
  } else {
    const tables = [endpointSpreadTable(endpoints, axis), spreadTable(paths, axis)];
    const shown = tables.filter(({ rows }) => rows.length > 0);
    context.print(shown.map((table) => resultsTableText(table, context.width)).join('\n\n'));
  }
  sayMissing(context, view);
  context.next(`report ${view.id} -o report.html`);
  return exitCodes.ok;
}

function choose(rows: readonly LongRow[], metric: string): readonly LongRow[] {
  const chosen = rows.filter(({ series }) => series === metric || series.startsWith(`${metric}@`));
  if (chosen.length > 0) return chosen;
  const measured = [...new Set(rows.map(({ series }) => series))];
  if (seriesEntry(metric)) {
    throw new UserError('bad-input', `nothing is measured of "${metric}" yet`);
  }
  const known = [...new Set([...measured, ...Object.keys(seriesCatalogue)])];
  const [near] = known.sort((a, b) => distance(a, metric) - distance(b, metric));
  throw new UserError('usage', `unknown series "${metric}" (did you mean "${near}"?)`);
}

const csvHead = [
  'experiment',
  'run',
  'curve',
  'path',
  'series',
  'unit',
  'x',
  'value',
  'n',
  'reason',
] as const;

function csv(rows: readonly LongRow[]): string {
  const lines = rows.map((row) => csvLine(csvHead.map((field) => String(row[field] ?? ''))));
  return [csvLine(csvHead), ...lines].join('\n');
}

function metricText(rows: readonly LongRow[]): string {
  const [first] = rows as [LongRow];
  if (rows.some(({ series }) => series !== first.series)) {
    const lines = rows.map((row) => `${row.run}\t${row.series}\t${row.x}\t${valueText(row)}`);
    return [`run\tseries\tx\tvalue (${metricUnit(first.series)})`, ...lines].join('\n');
  }
  const lines = rows.map((row) => `${row.run}\t${row.x}\t${valueText(row)}`);
  return [`run\tx\t${first.series} (${metricUnit(first.series)})`, ...lines].join('\n');
}

/** A value that is not finite is followed by its reason. */
function valueText({ value, n, reason }: LongRow): string {
  return reason === null ? String(value) : `${value ?? '–'} (${absenceReasons[reason]}; n = ${n})`;
}
