/** A panel as a specification of Vega-Lite: lines over t or another quantity, behind them their bands. */
import type { Config, TopLevelSpec } from 'vega-lite';
import type { LineRole, Panel } from './figure.js';
import { colourVariable } from './palette.js';

const width = 300;
const height = 190;

const dashes: Readonly<Record<LineRole, readonly number[]>> = {
  fitted: [1, 0],
  line: [5, 4],
  robust: [1, 0],
  eigenvalue: [1, 0],
};

export function specification(panel: Panel): TopLevelSpec {
  const encoding = { x: xEncoding(panel), color: colourEncoding(panel) };
  const common = { width, height, background: 'transparent', config, data: lineData(panel) };
  const line = lineLayer(panel);
  const bands = bandValues(panel);
  if (bands.length === 0) {
    return { ...common, mark: line.mark, encoding: { ...encoding, ...line.encoding } };
  }
  const mark = { type: 'area', opacity: 0.2 } as const;
  const y = { low: { ...yEncoding(panel), field: 'low' }, high: { field: 'high' } };
  const area = { data: { values: bands }, mark, encoding: { y: y.low, y2: y.high } };
  return { ...common, encoding, layer: [area, line] };
}

function lineData({ lines }: Panel) {
  const values = lines.flatMap(({ label, points }) =>
    points
      .filter(({ value }) => Number.isFinite(value))
      .map(({ x, value }) => ({ label, t: x, value })),
  );
  return { values };
}

function bandValues({ lines }: Panel) {
  return lines.flatMap(({ label, band = [] }) =>
    band.map(({ x, low, high }) => ({ label, t: x, low, high })),
  );
}

function xEncoding({ from, to, over }: Panel) {
  const scale = { domain: [0, over?.most ?? 1] };
  const axis = over ? { tickCount: 4 } : tAxis(from, to);
  return { field: 't', type: 'quantitative', title: over?.label ?? null, scale, axis } as const;
}

function yEncoding({ yLabel: title }: Panel) {
  const scale = { zero: true, nice: 4 };
  return { type: 'quantitative', title, scale, axis: { tickCount: 4 } } as const;
}

function colourEncoding({ lines }: Panel) {
  const domain = lines.map(({ label }) => label);
  const range = lines.map(({ role }) => colourVariable(role));
  return { field: 'label', type: 'nominal', legend: null, scale: { domain, range } } as const;
}

function lineLayer(panel: Panel) {
  const domain = panel.lines.map(({ label }) => label);
  const scale = { domain, range: panel.lines.map(({ role }) => [...dashes[role]]) };
  return {
    mark: { type: 'line', strokeWidth: 1.75, point: { size: 26, filled: true } },
    encoding: {
      y: { ...yEncoding(panel), field: 'value' },
      strokeDash: { field: 'label', type: 'nominal', legend: null, scale },
    },
  } as const;
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
