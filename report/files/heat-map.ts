/** A heat map: a cell for each value, shaded by it. */
import { shades, type HeatMap } from '../figures/figure.js';
import { colourVariable } from '../figures/palette.js';
import type { Drawing } from '../figures/panel.js';
import { fixed } from '../numbers.js';
import { text, textWidth } from './text.js';

const cell = { width: 56, height: 24 };
const stub = 48;
/** The corner's text and the heads of columns. */
const head = 44;

export function drawHeatMap(map: HeatMap): Drawing {
  const shade = shades(map);
  const right = (column: number): number => stub + (column + 1) * cell.width - 8;
  const baseline = (row: number): number => head + row * cell.height + 16;
  const heads = map.columns.map((t, i) =>
    text(fixed(t, 2), { x: right(i), y: head - 8, anchor: 'end' }),
  );
  const rows = map.rows.flatMap(({ at, values }, row) => [
    text(fixed(at, 2), { x: stub - 8, y: baseline(row), anchor: 'end' }),
    ...values.flatMap((value, column) => [
      square(column, row, shade(value)),
      text(fixed(value, 2), { x: right(column), y: baseline(row), anchor: 'end' }),
    ]),
  ]);
  return {
    width: Math.max(textWidth(map.corner), stub + map.columns.length * cell.width),
    height: head + map.rows.length * cell.height,
    content: [text(map.corner, { x: 0, y: 12 }), ...heads, ...rows].join('\n'),
  };
}

function square(column: number, row: number, shade: number): string {
  const { width, height } = cell;
  const [x, y] = [stub + column * width, head + row * height];
  const fill = `fill="${colourVariable('robust')}" fill-opacity="${shade / 100}"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" ${fill}/>`;
}
