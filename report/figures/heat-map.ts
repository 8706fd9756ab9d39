/** A matrix along a path as a table whose cells are shaded by their value, in the page's own colours. */
import { html, type Html } from '../html.js';
import { fixed } from '../numbers.js';
import type { CurveView } from '../view/records.js';

/** Rows: where the attack was crafted; columns: where its images were classified. Null without a matrix. */
export function transferMap({ name, fitted }: CurveView, number: number): Html | null {
  const { transfer } = fitted;
  if (!transfer || transfer.errors.size === 0) return null;
  const rows = [...transfer.errors];
  const places = rows[0]![1].map(({ x }) => x);
  const values = rows.flatMap(([, points]) => points.map(({ value }) => value));
  const most = Math.max(...values.filter(Number.isFinite), 0);
  return html`<figure id="figure-${number}">
    <div class="scroll">
      <table class="heat">
        <thead>
          <tr>
            <th scope="col">crafted at t ↓ · classified at t →</th>
            ${places.map((t) => html`<th scope="col" class="n">${fixed(t, 2)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([crafted, points]) =>
              html`<tr>
                <th scope="row">${fixed(crafted, 2)}</th>
                ${points.map(({ value }) => shaded(value, most))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    <figcaption>
      <b>Figure ${number}.</b> Transfer of ${transfer.attack} along ${name}: error in % of the first
      ${transfer.images} test images attacked at one t (rows) and classified at another (columns).
      The diagonal is the attack itself; the stronger the shade, the higher.
    </figcaption>
  </figure> `;
}

/** As much of the colour as leaves the number readable. */
const mostShade = 55;

function shaded(value: number, most: number): Html {
  const share = Number.isFinite(value) && most > 0 ? Math.round((mostShade * value) / most) : 0;
  return html`<td class="n" style="--shade: ${share}%">${fixed(value, 2)}</td>`;
}
