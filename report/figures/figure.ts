/** A figure as data; a page and a file draw it each in their own way. */
import type { RunKind } from '../../experiment/kinds/index.js';
import { html, type Html } from '../html.js';
import { explainFailure } from '../view/failed-checks.js';
import type { FailedCheck, Point } from '../view/records.js';

export type Figure = LineFigure | HeatMap;

/** No two of an experiment have curve, source and topic in common. */
interface Common {
  /** The curve, or the name that repeated curves share. */
  readonly curve: string;
  /** The kind of run that measured what it shows. */
  readonly source: RunKind;
  /** In one word or two, for the name of its file. */
  readonly topic: string;
  readonly caption: Html;
  /** Checks that failed and put what it shows in doubt. */
  readonly doubts: readonly FailedCheck[];
}

export interface LineFigure extends Common {
  readonly kind: 'lines';
  /** Those without a line are not drawn. */
  readonly panels: readonly Panel[];
}

export interface Line {
  readonly label: string;
  readonly role: LineRole;
  readonly points: readonly Point[];
  /** Shaded behind the line. */
  readonly band?: readonly BandPoint[];
}

interface BandPoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

export type LineRole = 'fitted' | 'line' | 'robust' | 'eigenvalue';

export interface Panel {
  readonly title: string;
  /** With its unit. */
  readonly yLabel: string;
  readonly from: string;
  readonly to: string;
  /** The quantity of x, from 0; absent: t between the ends. */
  readonly over?: HorizontalAxis;
  readonly lines: readonly Line[];
}

interface HorizontalAxis {
  readonly label: string;
  readonly most: number;
}

/** A matrix along a path. */
export interface HeatMap extends Common {
  readonly kind: 'heat';
  readonly title: string;
  readonly corner: string;
  readonly columns: readonly number[];
  readonly rows: readonly HeatRow[];
}

interface HeatRow {
  readonly at: number;
  readonly values: readonly number[];
}

/** Whether anything was measured for it; the page tells which runs are missing. */
export function isDrawn(figure: Figure): boolean {
  return figure.kind === 'heat' ? figure.rows.length > 0 : drawnPanels(figure).length > 0;
}

export function drawnPanels({ panels }: LineFigure): readonly Panel[] {
  return panels.filter(({ lines }) => lines.length > 0);
}

/** One for each label, in order. */
export function distinctLines(panels: readonly Panel[]): readonly Line[] {
  const lines = panels.flatMap((panel) => panel.lines.map((line) => [line.label, line] as const));
  return [...new Map(lines).values()];
}

export function describePanel({ title, from, to, over, lines }: Panel): string {
  const where = over ? `over ${over.label}` : `along t from ${from} to ${to}`;
  return `${title} ${where}: ${lines.map(({ label }) => label).join(' and ')}`;
}

export function figureTitle(figure: Figure): string {
  if (figure.kind === 'heat') return figure.title;
  return linesTitle(drawnPanels(figure), figure.curve);
}

/** `Test loss and test error along A-B`. */
export function linesTitle(panels: readonly Panel[], curve: string): string {
  const [first = '', ...others] = panels.map(({ title }) => title);
  const titles = [first, ...others.map((title) => title[0]!.toLowerCase() + title.slice(1))];
  const last = titles.length > 1 ? titles.splice(-1) : [];
  return `${[titles.join(', '), ...last].join(' and ')} along ${curve}`;
}

/** The caption and, one sentence each, what is in doubt. */
export function fullCaption({ caption, doubts }: Figure): Html {
  const sentences = [...new Set(doubts.map(explainFailure))];
  if (sentences.length === 0) return caption;
  return html`${caption}${sentences.map((text) => html` <b class="doubt">${text}</b>`)}`;
}

/** As much of the colour as leaves the number readable. */
const mostShade = 55;

/** Percentages of the colour: the stronger, the higher the value. */
export function shades({ rows }: HeatMap): (value: number) => number {
  const most = Math.max(...rows.flatMap(({ values }) => values).filter(Number.isFinite), 0);
  return (value) =>
    Number.isFinite(value) && most > 0 ? Math.round((mostShade * value) / most) : 0;
}
