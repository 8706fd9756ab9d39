/** The page about metric series, from the catalogue. */
import type { MetricEntry } from '../../experiment/catalogue/metrics.js';
import {
  attackStatistics,
  barrierStatistics,
  correlations,
  predictors,
  summaryNames,
  summaryStatistics,
} from '../../experiment/catalogue/summary-statistics.js';
import { code, page, table } from './markdown.js';

type Catalogue = Readonly<Record<string, MetricEntry>>;

const axisNames: Readonly<Record<MetricEntry['axis'], string>> = {
  t: 'position t on the path',
  step: 'training step',
  none: 'none (one value)',
};

function kindTable(entries: readonly (readonly [string, MetricEntry])[]): string {
  return table(
    ['series', 'unit', 'x', 'better', 'meaning'],
    entries.map(([name, { unit, axis, better, description }]) => [
      ...[code(name), unit, axisNames[axis], better],
      description,
    ]),
  );
}

const intro = `Every number is a row (run, series, x, value). \`./isthmus results ID --csv\` prints all of them,
\`--metric SERIES\` one. Some series carry a name or a place: \`attack_success:square\` belongs to the backdoor
\`square\`, \`transfer_error@0.25\` to images attacked at t = 0.25.`;

function summaryTable(): string {
  const list = (names: readonly string[]): string => names.map(code).join(', ');
  const named = summaryStatistics.map((name) => `${code(name)} (${summaryNames[name]})`);
  return table(
    ['name', 'statistics'],
    [
      ['`SERIES.STATISTIC`, of each evaluation series', named.join(', ')],
      ['`ATTACK.SERIES.STATISTIC`, of each attacked series', list(attackStatistics)],
      ['the same names, of both kinds', list(barrierStatistics)],
      ['`ATTACK.CORRELATION.PREDICTOR`, of `robust_nll`', list(correlations)],
      ['predictors of those', list(predictors)],
    ],
  );
}

export function seriesPage(catalogue: Catalogue): string {
  const entries = Object.entries(catalogue);
  const kinds = [...new Set(entries.map(([, { kind }]) => kind))];
  return page(
    'Metric series',
    intro,
    ...kinds.flatMap((kind) => [
      `## Runs of kind ${code(kind)}`,
      kindTable(entries.filter(([, entry]) => entry.kind === kind)),
    ]),
    `## Runs of kind ${code('summary')}`,
    'A summary is computed from the series above ([analysis](../concepts/analysis.md)).',
    summaryTable(),
  );
}
