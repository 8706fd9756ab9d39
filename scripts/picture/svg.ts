/** Small pieces of SVG: text, lines and a panel with axes. */
import type { Points } from './rows.js';

export const colours = {
  ...{ ink: '#1b1e23', quiet: '#5c636d', grid: '#e3e6ea', axis: '#9aa1ab' },
  ...{ fitted: '#1f5fa8', line: '#b4541a', robust: '#8a2f62', eigenvalue: '#24745a' },
} as const;

interface Curve {
  readonly label: string;
  readonly colour: string;
  readonly points: Points;
  readonly dashed?: boolean;
}

interface PanelPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const round = (value: number): string => value.toFixed(1);

export function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${content}</text>`;
}

export function polyline(
  places: readonly { readonly x: number; readonly y: number }[],
  colour: string,
  dashed = false,
): string {
  const points = places.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ');
  const dash = dashed ? ' stroke-dasharray="6 4"' : '';
  return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
}

export function dot(x: number, y: number, radius: number, colour: string): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${colour}"/>`;
}

/** Curves over t in [0,1], with `ends` under the axis and three ticks from 0 to `most`. */
export function panel(
  place: PanelPlace,
  title: string,
  ends: readonly [string, string],
  most: number,
  curves: readonly Curve[],
): string {
  const { left, top, width, height } = place;
  const x = (t: number): number => left + t * width;
  const y = (value: number): number => top + height - (value / most) * height;
  const ticks = [0, most / 2, most].map(
    (tick) =>
      `<line x1="${left}" x2="${left + width}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="${colours.grid}"/>` +
      text(left - 8, y(tick) + 4, String(tick), `text-anchor="end" fill="${colours.quiet}"`),
  );
  const drawn = curves.flatMap(({ points, colour, dashed = false }) => {
    const places = points.map(({ t, value }) => ({ x: x(t), y: y(value) }));
    return [polyline(places, colour, dashed), ...places.map((at) => dot(at.x, at.y, 2.6, colour))];
  });
  const keys = curves.map(({ label, colour }, i) =>
    text(left + i * (width / curves.length), top - 12, label, `fill="${colour}"`),
  );
  const below = top + height + 20;
  return [
    text(left, top - 32, title, `font-weight="600" fill="${colours.ink}"`),
    ...keys,
    ...ticks,
    ...drawn,
    text(left, below, ends[0], `text-anchor="start" fill="${colours.quiet}"`),
    text(left + width, below, ends[1], `text-anchor="end" fill="${colours.quiet}"`),
  ].join('\n');
}
