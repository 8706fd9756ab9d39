/** The page about metric series, from the catalogue. */
import type { SeriesEntry, SeriesTable } from '../../experiment/catalogue/series/entry.js';
import {
  attackCorrelations,
  barrierStatistics,
  choices,
  correlations,
  lengthStatistics,
  predictors,
  summaryStatistics,
} from '../../experiment/catalogue/series/summary.js';
import { code, page, table, type Row } from './markdown.js';

const axisNames: Readonly<Record<SeriesEntry['axis'], string>> = {
  t: 'position t on the path',
  step: 'training step',
  none: 'none (one value)',
};

/** A family is many series: one for each name, or for each t. */
const suffixes = { named: ':NAME', crafted: '@T' } as const;

function seriesRow([name, entry]: readonly [string, SeriesEntry]): Row {
  const { unit, axis, better, description, family, check } = entry;
  const shown = code(`${name}${family === undefined ? '' : suffixes[family]}`);
  const limit = check ? `; validity check, passes up to ${check.limit}` : '';
  return [shown, unit, axisNames[axis], better, `${description}${limit}`];
}

function kindBlocks([kind, series]: readonly [string, SeriesTable]): readonly string[] {
  const rows = Object.entries(series).map(seriesRow);
  if (rows.length === 0) return [];
  const head = ['series', 'unit', 'x', 'better', 'meaning'];
  return [`## Runs of kind ${code(kind)}`, table(head, rows)];
}

const intro = `Every number is a row (run, series, x, value). \`./isthmus results ID --csv\` prints all of them,
\`./isthmus results ID --metric SERIES\` one series. Some are families: \`attack_success:square\` belongs to the backdoor
\`square\`, \`transfer_error@0.25\` to adversarial examples crafted at t = 0.25.`;

type Statistics = Readonly<Record<string, { readonly description: string }>>;

function statisticRows(name: (statistic: string) => string, statistics: Statistics): Row[] {
  return Object.entries(statistics).map(([statistic, { description }]) => [
    ...[code(name(statistic)), description],
  ]);
}

function summaryBlocks(): readonly string[] {
  const head = ['series', 'meaning'];
  const ofPath = { ...summaryStatistics, ...barrierStatistics };
  const ofAttack = { min: summaryStatistics.min, max: summaryStatistics.max, ...barrierStatistics };
  return [
    `## Runs of kind ${code('summary')}`,
    'A summary is computed from the series above ([analysis](../concepts/analysis.md)).',
    table(head, [
      ...statisticRows((name) => `SERIES.${name}`, ofPath),
      ...statisticRows((name) => `arc_length.${name}`, lengthStatistics),
      ...statisticRows((name) => `ATTACK.SERIES.${name}`, ofAttack),
      ...statisticRows((name) => `CERTIFICATE.certified_error:METHOD:EPSILON.${name}`, ofAttack),
      ...statisticRows((name) => `ATTACK.${name}`, attackCorrelations),
      ...statisticRows((name) => `ATTACK.${name}.PREDICTOR`, correlations),
      ...Object.entries(choices).map(([choice, how]) => [
        `${code(`${choice}.t`)}, ${code(`${choice}.SERIES`)}`,
        `the t chosen ${how}, and each evaluation series there`,
      ]),
    ]),
    `SERIES: a series of the evaluation, or of the attack. Certified error is 100 less certified accuracy. PREDICTOR: ${predictors.map(code).join(', ')}. Each
correlation also has \`.low\` and \`.high\`, the ends of its 95 % interval.`,
  ];
}

export function seriesPage(tables: Readonly<Record<string, SeriesTable>>): string {
  return page(
    'Metric series',
    intro,
    ...Object.entries(tables).flatMap(kindBlocks),
    ...summaryBlocks(),
  );
}
