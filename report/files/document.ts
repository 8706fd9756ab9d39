/** A drawing as a self-contained SVG file: its colours stand in it, for light and for dark. */
import { figureTitle, fullCaption, type Figure } from '../figures/figure.js';
import { colourVariable, dark, light } from '../figures/palette.js';
import type { Drawing } from '../figures/panel.js';
import { escapeHtml, textOf } from '../html.js';
import { text } from './text.js';

const margin = 16;
const noteHeight = 18;
const font = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";

/** `name` makes the ids its own, so that several files may stand in one page. */
export function svgDocument(figure: Figure, drawing: Drawing, name: string): string {
  const notes = doubtNotes(figure);
  const [width, height] = [
    Math.ceil(drawing.width) + 2 * margin,
    Math.ceil(drawing.height) + 2 * margin + noteHeight * notes.length,
  ];
  const body = [
    `<rect width="${width}" height="${height}" fill="${colourVariable('paper')}"/>`,
    `<g transform="translate(${margin},${margin})">`,
    drawing.content,
    ...notes.map((note, i) =>
      text(note, { x: 0, y: drawing.height + noteHeight * (i + 1), fill: colourVariable('bad') }),
    ),
    '</g>',
  ].join('\n');
  const [title, description] = [`${name}-title`, `${name}-desc`];
  return `<svg xmlns="http://www.w3.org/2000/svg" class="isthmus-figure" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${title} ${description}" font-family="${font}" font-size="12">
<title id="${title}">${escapeHtml(figureTitle(figure))}</title>
<desc id="${description}">${textOf(fullCaption(figure))}</desc>
<style>${darkRules(body)}</style>
${withColours(body)}
</svg>
`;
}

/** The caption, with the sentences that it has for them, is for those alone who cannot see the drawing. */
function doubtNotes({ doubts }: Figure): readonly string[] {
  const notes = doubts.map(({ name, docs }) => `In doubt: check ${name} failed (${docs}).`);
  return [...new Set(notes)];
}

/**
 * Attributes have the light colours, for programs without media queries or custom properties; where it is dark,
 * rules override them.
 */
function withColours(body: string): string {
  return body
    .replaceAll(' font-family="inherit"', '')
    .replaceAll(/var\(--([a-z]+)\)/g, (_, name: string) => lightColour(name));
}

function lightColour(name: string): string {
  const found = paletteNames.find((one) => one === name);
  if (found === undefined) throw new Error(`no colour ${name}`);
  return light[found];
}

const paletteNames = Object.keys(light) as readonly (keyof typeof light)[];

function darkRules(body: string): string {
  const rules = paletteNames
    .filter((name) => body.includes(colourVariable(name)))
    .flatMap((name) =>
      ['fill', 'stroke'].map(
        (of) => `.isthmus-figure [${of}="${light[name]}"]{${of}:${dark[name]}}`,
      ),
    );
  return `@media (prefers-color-scheme: dark){${rules.join('')}}`;
}
