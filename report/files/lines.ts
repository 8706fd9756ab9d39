/** A figure of lines: its keys in rows, below them its panels in pairs. */
import { distinctLines, drawnPanels, type Line, type LineFigure } from '../figures/figure.js';
import { colourVariable } from '../figures/palette.js';
import { drawPanel, type Drawing } from '../figures/panel.js';
import { text, textWidth } from './text.js';

const perRow = 2;
const gap = 20;
const keyHeight = 20;
const sample = 28;

export async function drawLines(figure: LineFigure): Promise<Drawing> {
  const panels = drawnPanels(figure);
  const drawn = await Promise.all(panels.map(drawPanel));
  const grid = panelGrid(drawn);
  const keys = keyRows(distinctLines(panels), grid.width);
  const below = keys.height + gap / 2;
  return {
    width: Math.max(keys.width, grid.width),
    height: below + grid.height,
    content: [keys.content, `<g transform="translate(0,${below})">`, grid.content, '</g>'].join(
      '\n',
    ),
  };
}

function panelGrid(panels: readonly Drawing[]): Drawing {
  const column = Math.max(...panels.map(({ width }) => width)) + gap;
  const row = Math.max(...panels.map(({ height }) => height)) + gap;
  const placed = panels.map(({ content }, i) => {
    const [x, y] = [(i % perRow) * column, Math.floor(i / perRow) * row];
    return `<g transform="translate(${x},${y})">${content}</g>`;
  });
  return {
    width: Math.min(panels.length, perRow) * column - gap,
    height: Math.ceil(panels.length / perRow) * row - gap,
    content: placed.join('\n'),
  };
}

/** A row ends where the next key would leave the width. */
function keyRows(lines: readonly Line[], most: number): Drawing {
  let [x, y, width] = [0, 0, 0];
  const keys: string[] = [];
  for (const line of lines) {
    const own = sample + 8 + textWidth(line.label);
    if (x > 0 && x + own > most) [x, y] = [0, y + keyHeight];
    keys.push(key(line, x, y));
    width = Math.max(width, x + own);
    x += own + gap;
  }
  return { width, height: y + keyHeight, content: keys.join('\n') };
}

function key({ label, role }: Line, x: number, y: number): string {
  const dash = role === 'line' ? ' stroke-dasharray="5 4"' : '';
  const path = `M${x} ${y + 8}h${sample}`;
  const stroke = `stroke="${colourVariable(role)}" stroke-width="2"${dash}`;
  return `<path d="${path}" ${stroke}/>${text(label, { x: x + sample + 8, y: y + 12 })}`;
}
