/** Ascents on random two-layer networks, a row for each setting. */
import { column } from '../numbers.js';
import type { ExperimentView } from '../view/records.js';
import type { ResultsTable } from '../tables/table.js';
import type { Presentation } from './presentation.js';

const columns = [
  ['ascent_steps', 'steps', 0],
  ['ascent_steps_sd', 'sd', 0],
  ['ascent_spread', 'spread', 3],
  ['ascent_spread_sd', 'sd', 3],
  ['ascent_one_maximiser', 'one maximiser', 2],
  ['ascent_one_maximiser_sd', 'sd', 2],
  ['ascent_unsettled', 'not ended', 2],
] as const;

export const twoLayerPresentation: Presentation<'two-layer'> = {
  shown: columns.map(([name]) => name),
  summaryTables,
};

/** Scale 3 before scale 10. */
const byNumber = new Intl.Collator('en', { numeric: true });

function summaryTables({ runs }: ExperimentView): readonly ResultsTable[] {
  const done = runs
    .filter(({ kind, state }) => kind === 'two-layer' && state === 'done')
    .sort((a, b) => byNumber.compare(a.summary, b.summary));
  if (done.length === 0) return [];
  const cells = columns.map(([name, , decimals]) =>
    column(
      done.map(({ series }) => series[name]?.[0]?.value),
      decimals,
    ),
  );
  const title = 'Ascents on random two-layer networks, means and standard deviations over them';
  const head = ['setting', ...columns.map(([, text]) => text)];
  const rows = done.map(({ summary }, i) => [
    summary.replace(/^.*: /, ''),
    ...cells.map((values) => values[i]!),
  ]);
  return [{ title, head, rows }];
}
