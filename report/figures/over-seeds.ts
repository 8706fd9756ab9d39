/** Figures of curves that a sweep repeats with other seeds, drawn together: the mean, and a band of one standard deviation. */
import { exists } from '../../experiment/records/quantity.js';
import { sourceName } from '../../experiment/specs/run-name.js';
import { html, type Html } from '../html.js';
import { withoutAxis } from '../tables/over-axis.js';
import { moments } from '../view/moments.js';
import { linesTitle, type Figure, type Line, type LineFigure, type Panel } from './figure.js';

/** `repeats`: the figures of each curve. Heat maps have no mean here. */
export function figuresOverSeeds(
  name: string,
  repeats: readonly (readonly Figure[])[],
): readonly LineFigure[] {
  const lines = repeats.flat().filter((figure) => figure.kind === 'lines');
  const alike = groupBy(lines, ({ source, topic }) => JSON.stringify([source, topic]));
  return alike.map((figures) => together(name, figures));
}

function together(curve: string, figures: readonly LineFigure[]): LineFigure {
  const { kind, source, topic } = figures[0]!;
  const drawn = groupBy(
    figures.flatMap(({ panels }) => panels),
    ({ title }) => title,
  ).map(joinPanels);
  return {
    ...{ kind, curve, source, topic: `${topic}-over-seeds` },
    panels: drawn.map(({ panel }) => panel),
    caption: caption(curve, drawn),
    doubts: figures.flatMap(({ doubts }) => doubts),
  };
}

interface Joined {
  /** Number of values that each point is over. */
  readonly counts: readonly number[];
  readonly panel: Panel;
}

function joinPanels(panels: readonly Panel[]): Joined {
  const { title, yLabel, over } = panels[0]!;
  const lines = groupBy(
    panels.flatMap((panel) => panel.lines),
    ({ label }) => label,
  ).map(joinLines);
  return {
    counts: lines.flatMap(({ counts }) => counts),
    panel: {
      ...{ title, yLabel, lines: lines.map(({ line }) => line) },
      ...(over ? { over } : {}),
      from: sharedName(panels.map(({ from }) => from)),
      to: sharedName(panels.map(({ to }) => to)),
    },
  };
}

function joinLines(lines: readonly Line[]) {
  const { label, role } = lines[0]!;
  const places = groupBy(
    lines.flatMap(({ points }) => points),
    ({ x }) => x,
  )
    .map((points) => ({ x: points[0]!.x, ...moments(points.map(({ value }) => value)) }))
    .sort((a, b) => a.x - b.x);
  return {
    counts: places.map(({ n }) => n),
    line: {
      ...{ label, role },
      points: places.flatMap(({ x, mean }) => (exists(mean) ? [{ x, ...mean }] : [])),
      band: places.flatMap(({ x, mean, sd }) =>
        Number.isFinite(sd.value)
          ? [{ x, low: mean.value - sd.value, high: mean.value + sd.value }]
          : [],
      ),
    },
  };
}

function caption(curve: string, drawn: readonly Joined[]): Html {
  const panels = drawn.filter(({ counts }) => counts.length > 0).map(({ panel }) => panel);
  const counts = drawn.flatMap((one) => one.counts);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const n = least === most ? String(most) : `${least} to ${most}`;
  return html`${linesTitle(panels, curve)}: mean over seeds (n = ${n}), with a band of ± one
  standard deviation.`;
}

/** The end of curves that differ in the seed alone. */
function sharedName(names: readonly string[]): string {
  const [name, ...others] = new Set(names.map((one) => withoutAxis(one, 'seed') ?? one));
  return others.length === 0 ? name! : sourceName(name!);
}

/** In the order in which each key is first met. */
function groupBy<T>(all: readonly T[], keyOf: (one: T) => unknown): readonly (readonly T[])[] {
  const groups = new Map<unknown, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return [...groups.values()];
}
