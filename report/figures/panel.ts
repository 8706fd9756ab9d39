/** One panel of a figure: lines over t in [0,1] as an SVG whose colours follow the page's scheme. */
import { parse, View, Warn } from 'vega';
import { compile, type Config, type TopLevelSpec } from 'vega-lite';
import { escapeHtml } from '../html.js';
import type { Point } from '../view/records.js';

export interface Line {
  readonly label: string;
  readonly role: LineRole;
  readonly points: readonly Point[];
}

export type LineRole = 'fitted' | 'line' | 'robust' | 'eigenvalue';

export interface Panel {
  readonly title: string;
  /** With its unit. */
  readonly yLabel: string;
  readonly from: string;
  readonly to: string;
  readonly lines: readonly Line[];
}

const width = 300;
const height = 190;

const dashes: Readonly<Record<LineRole, readonly number[]>> = {
  fitted: [1, 0],
  line: [5, 4],
  robust: [1, 0],
  eigenvalue: [1, 0],
};

/** The page's style sheet defines these, once for light and once for dark. */
export function lineColour(role: LineRole): string {
  return `var(--${role})`;
}

export async function renderPanel(panel: Panel): Promise<string> {
  const { spec } = compile(specification(panel));
  const view = new View(parse(spec), { renderer: 'none', logLevel: Warn });
  try {
    return labelled(await view.toSVG(), panel);
  } finally {
    view.finalize();
  }
}

function specification({ yLabel, from, to, lines }: Panel): TopLevelSpec {
  const values = lines.flatMap(({ label, points }) =>
    points
      .filter(({ value }) => Number.isFinite(value))
      .map(({ x, value }) => ({ label, t: x, value })),
  );
  const labels = lines.map(({ label }) => label);
  return {
    ...{ width, height, data: { values }, background: 'transparent', config },
    mark: { type: 'line', strokeWidth: 1.75, point: { size: 26, filled: true } },
    encoding: {
      x: {
        field: 't',
        type: 'quantitative',
        title: null,
        scale: { domain: [0, 1] },
        axis: tAxis(from, to),
      },
      y: {
        ...{ field: 'value', type: 'quantitative', title: yLabel },
        scale: { zero: true, nice: 4 },
        axis: { tickCount: 4 },
      },
      color: {
        ...{ field: 'label', type: 'nominal', legend: null },
        scale: { domain: labels, range: lines.map(({ role }) => lineColour(role)) },
      },
      strokeDash: {
        ...{ field: 'label', type: 'nominal', legend: null },
        scale: { domain: labels, range: lines.map(({ role }) => [...dashes[role]]) },
      },
    },
  };
}

/** The ends carry the names of their endpoints below 0 and 1. */
function tAxis(from: string, to: string): { values: number[]; labelExpr: string } {
  const named = (name: string): string => JSON.stringify(name);
  return {
    values: [0, 0.25, 0.5, 0.75, 1],
    labelExpr: `datum.value === 0 ? ['0', ${named(from)}] : datum.value === 1 ? ['1', ${named(to)}] : datum.value === 0.5 ? ['0.5', 't'] : '' + datum.value`,
  };
}

const config: Config = {
  font: 'inherit',
  view: { stroke: null },
  axis: {
    ...{ labelColor: 'var(--ink)', titleColor: 'var(--ink)', domainColor: 'var(--axis)' },
    ...{ tickColor: 'var(--axis)', gridColor: 'var(--grid)', labelFontSize: 11, titleFontSize: 11 },
    ...{ titleFontWeight: 'normal', tickSize: 4, labelPadding: 4, titlePadding: 8 },
  },
  axisX: { grid: false, labelFlush: false },
  // The title lies flat above the axis: a long unit does not make the panel taller.
  axisY: {
    ...{ domain: false, ticks: false, minExtent: 30, titleAngle: 0, titleAlign: 'left' },
    ...{ titleBaseline: 'bottom', titleX: -28, titleY: -9 },
  },
};

/** Screen readers get one sentence instead of the marks; the page's style sheet decides the size. */
function labelled(svg: string, { title, from, to, lines }: Panel): string {
  const names = lines.map(({ label }) => label).join(' and ');
  const label = escapeHtml(`${title} along t from ${from} to ${to}: ${names}`);
  return svg
    .replaceAll(/ (?:aria-[a-z]+|role)="[^"]*"/g, '')
    .replace(/<svg [^>]*?(viewBox="[^"]*")[^>]*>/, `<svg $1 role="img" aria-label="${label}">`);
}
