/** A figure of the page: its keys, its panels beside each other or its table, and the caption. */
import {
  distinctLines,
  drawnPanels,
  fullCaption,
  shades,
  type Figure,
  type HeatMap,
  type Line,
  type LineFigure,
} from '../figures/figure.js';
import { colourVariable } from '../figures/palette.js';
import { renderPanel } from '../figures/panel.js';
import { html, trusted, type Html } from '../html.js';
import { fixed } from '../numbers.js';

export async function figureHtml(figure: Figure, number: number): Promise<Html> {
  const drawing = figure.kind === 'heat' ? heatTable(figure) : await panelsHtml(figure);
  return html`<figure id="figure-${number}">
    ${drawing}
    <figcaption><b>Figure ${number}.</b> ${fullCaption(figure)}</figcaption>
  </figure> `;
}

async function panelsHtml(figure: LineFigure): Promise<Html> {
  const panels = drawnPanels(figure);
  const drawn = await Promise.all(panels.map(renderPanel));
  return html`<ul class="keys">
      ${distinctLines(panels).map(key)}
    </ul>
    <div class="panels">${drawn.map(trusted)}</div>`;
}

function key({ label, role }: Line): Html {
  const dash = role === 'line' ? ' stroke-dasharray="5 4"' : '';
  const stroke = `stroke="${colourVariable(role)}" stroke-width="2"${dash}`;
  return html`<li>
    <svg viewBox="0 0 28 8" aria-hidden="true">${trusted(`<path d="M0 4H28" ${stroke}/>`)}</svg
    >${label}
  </li>`;
}

function heatTable(map: HeatMap): Html {
  const shade = shades(map);
  return html`<div class="scroll">
    <table class="heat">
      <thead>
        <tr>
          <th scope="col">${map.corner}</th>
          ${map.columns.map((t) => html`<th scope="col" class="n">${fixed(t, 2)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${map.rows.map(
          ({ at, values }) =>
            html`<tr>
              <th scope="row">${fixed(at, 2)}</th>
              ${values.map((value) => cell(value, shade(value)))}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

function cell(value: number, shade: number): Html {
  return html`<td class="n" style="--shade: ${shade}%">${fixed(value, 2)}</td>`;
}
