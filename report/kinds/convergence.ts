/** Convergence of the inner maximisation along a path: what more steps and other starts find. */
import type { LineFigure, Line, Panel } from '../figures/figure.js';
import { html } from '../html.js';
import { column } from '../numbers.js';
import { barrierOverLine } from '../../numerics/analysis/barrier.js';
import { exists } from '../../experiment/records/quantity.js';
import { explainFailure } from '../view/failed-checks.js';
import type { ConvergenceView, CurveView, Point } from '../view/records.js';
import type { Note, ResultsTable } from '../tables/table.js';
import type { Presentation } from './presentation.js';

export const convergencePresentation: Presentation<'convergence'> = {
  shown: [
    ...(['short_error', 'long_error', 'error_gap'] as const),
    ...(['short_relative_fosc', 'long_relative_fosc', 'stationary_share'] as const),
    ...(['steps_to_stationary', 'loss_spread', 'one_maximiser'] as const),
  ],
  curveTables: (curve) => {
    const { convergence } = curve.fitted;
    return convergence ? [pointsTable(curve, convergence), barrierTable(curve, convergence)] : [];
  },
  figures: (curve) => (curve.fitted.convergence ? [figure(curve, curve.fitted.convergence)] : []),
};

const columns = [
  ['short_error', 'error %', 2],
  ['long_error', 'error % later', 2],
  ['error_gap', 'gap', 2],
  ['short_relative_fosc', 'FOSC', 3],
  ['long_relative_fosc', 'FOSC later', 3],
  ['stationary_share', 'stationary', 2],
  ['steps_to_stationary', 'steps to it', 0],
  ['loss_spread', 'spread', 3],
  ['one_maximiser', 'one maximiser', 2],
] as const;

function pointsTable(curve: CurveView, { series, checks, ...asked }: ConvergenceView) {
  const { attack, steps, starts, images } = asked;
  const ts = (series['short_error'] ?? []).map(({ x }) => x);
  const cells = columns.map(([name, , decimals]) => {
    const byX = new Map((series[name] ?? []).map(({ x, value }) => [x, value]));
    return column(
      ts.map((t) => byX.get(t)),
      decimals,
    );
  });
  const t = column(ts, 2);
  const table: ResultsTable = {
    title: `${curve.name}: ${attack}, and later after ${steps} steps (${images} images, ${starts} starts)`,
    head: ['t', ...columns.map(([, head]) => head)],
    rows: t.map((at, i) => [at, ...cells.map((values) => values[i]!)]),
    notes: checks.map((check): Note => {
      const doubtful = new Set(check.failed.map(({ x }) => x));
      const rows = ts.flatMap((x, row) => (doubtful.has(x) ? [row] : []));
      return { text: explainFailure(check), cells: rows.map((row) => ({ row, column: 1 })) };
    }),
  };
  return table;
}

/** Is the barrier one of the networks, or of the attack's steps? */
function barrierTable(curve: CurveView, { attack, series, steps }: ConvergenceView) {
  const { attacks, strongest } = curve.fitted;
  const rows = [
    ...measured(`${attack}, over starts`, series['short_error']),
    ...measured(`${steps} steps, over starts`, series['long_error']),
    ...attacks.flatMap(({ name, series: own }) => measured(name, own['robust_error'])),
    ...Object.entries(strongest).flatMap(([name, points]) =>
      measured(`worst of ${name.slice(name.indexOf(':') + 1)}`, points),
    ),
  ];
  const table: ResultsTable = {
    title: `${curve.name}: barrier in error % under attacks of different strength`,
    head: ['attack', 'above line', 'at t'],
    rows,
  };
  return table;
}

function measured(label: string, points: readonly Point[] = []): readonly (readonly string[])[] {
  const there = points.filter(exists);
  if (there.length === 0) return [];
  const { height, at } = barrierOverLine(there);
  return [[label, ...column([height.value], 2), ...column([at.value], 2)]];
}

function figure(curve: CurveView, found: ConvergenceView): LineFigure {
  const { attack, steps, series, checks } = found;
  const line = (label: string, role: Line['role'], name: string): Line => ({
    ...{ label, role, points: series[name] ?? [] },
  });
  const panel = (title: string, yLabel: string, lines: readonly Line[]): Panel => ({
    ...{ title, yLabel, from: curve.from, to: curve.to },
    lines: lines.filter(({ points }) => points.length > 0),
  });
  return {
    ...{ kind: 'lines', curve: curve.name, source: 'convergence', topic: 'convergence' },
    panels: [
      panel('Error under attack', 'error under attack (%)', [
        line(attack, 'line', 'short_error'),
        line(`${steps} steps`, 'robust', 'long_error'),
      ]),
      panel('Relative FOSC', 'relative FOSC, median', [
        line(attack, 'line', 'short_relative_fosc'),
        line(`${steps} steps`, 'robust', 'long_relative_fosc'),
      ]),
    ],
    caption: html`Error and relative FOSC of ${attack} along ${curve.name}, and after ${steps}
    steps, over ${found.starts} random starts of ${found.images} images. FOSC is 0 where no step
    within the ball raises the loss to first order.`,
    doubts: checks,
  };
}
