/** Text of an SVG drawing, and about how wide it is. */
import { colourVariable } from '../figures/palette.js';
import { escapeHtml } from '../html.js';

interface TextStyle {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'start' | 'end';
  readonly fill?: string;
}

export function text(
  content: string,
  { x, y, anchor = 'start', fill = colourVariable('ink') }: TextStyle,
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${fill}">${escapeHtml(content)}</text>`;
}

/** In the font size of files; which font is used is known to the reader's program alone. */
const characterWidth = 6.8;

export function textWidth(content: string): number {
  return Math.ceil([...content].length * characterWidth);
}
