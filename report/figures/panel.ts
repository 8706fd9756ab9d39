/** One panel of a figure: lines over t in [0,1] as an SVG whose colours follow the page's scheme. */
import { parse, View, Warn } from 'vega';
import { compile } from 'vega-lite';
import { escapeHtml } from '../html.js';
import { describePanel, type Panel } from './figure.js';
import { specification } from './panel-specification.js';

/** The content of an SVG element of that size; colours are custom properties, the font is inherited. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly content: string;
}

export async function drawPanel(panel: Panel): Promise<Drawing> {
  const { spec } = compile(specification(panel));
  const view = new View(parse(spec), { renderer: 'none', logLevel: Warn });
  try {
    return readDrawing(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Screen readers get one sentence instead of the marks; the page's style sheet decides the size. */
export async function renderPanel(panel: Panel): Promise<string> {
  const { width: w, height: h, content } = await drawPanel(panel);
  const label = escapeHtml(describePanel(panel));
  return `<svg viewBox="0 0 ${w} ${h}" role="img" aria-label="${label}">${content}</svg>`;
}

function readDrawing(svg: string): Drawing {
  const plain = svg.replaceAll(/ (?:aria-[a-z]+|role)="[^"]*"/g, '');
  const parts = /<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>([\s\S]*)<\/svg>/.exec(plain);
  if (parts === null) throw new Error('vega drew no SVG');
  return { width: Number(parts[1]), height: Number(parts[2]), content: parts[3]! };
}
