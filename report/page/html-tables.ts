/** Tables of the page: captions, heads with a scope, numbers aligned. */
import { html, nothing, type Html } from '../html.js';
import { seconds, shortKey } from '../numbers.js';
import { isNumeric, noteMarks, type ResultsTable } from '../tables/table.js';
import { doubtfulRuns, missingRuns } from '../view/read-view.js';
import type { ExperimentView, RunView } from '../view/records.js';

export function tableHtml(table: ResultsTable): Html {
  const { head, rows, title, caption = title, notes = [] } = table;
  if (rows.length === 0) return nothing;
  const kind = head.map((_, column) => (isNumeric(table, column) ? 'n' : 'w'));
  const marks = noteMarks(table);
  return html`<div class="scroll">
      <table>
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            ${head.map((text, i) => html`<th scope="col" class="${kind[i]!}">${text}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (cells, row) =>
              html`<tr>
                ${cells.map((text, i) => cell(text, i, kind[i]!, marks(row, i)))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    ${notes.map(
      ({ text }, i) => html`<p class="warning note" role="note"><sup>${i + 1}</sup> ${text}</p>`,
    )}`;
}

/** A marked cell names the notes that put its value in doubt. */
function cell(text: string, column: number, kind: string, marks: string): Html {
  if (column === 0) return html`<th scope="row" class="${kind}">${text}</th>`;
  if (marks === '') return html`<td class="${kind}">${text}</td>`;
  return html`<td class="${kind} bad">${text}<sup>${marks}</sup></td>`;
}

export function runsTable({ runs }: ExperimentView): Html {
  return html`<div class="scroll">
    <table>
      <caption>
        Every unit of work with the first digits of its content key; equal keys are equal results.
      </caption>
      <thead>
        <tr>
          <th scope="col">run</th>
          <th scope="col">what</th>
          <th scope="col">state</th>
          <th scope="col" class="n">time</th>
          <th scope="col">key</th>
        </tr>
      </thead>
      <tbody>
        ${runs.map(runRow)}
      </tbody>
    </table>
  </div> `;
}

function runRow({ name, summary, state, seconds: took, key, warning }: RunView): Html {
  const bad = state === 'done' && warning === null ? '' : 'bad';
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${summary}</td>
    <td class="${bad}">${state}${warning === null ? '' : ` (${warning})`}</td>
    <td class="n">${seconds(took)}</td>
    <td class="key">${shortKey(key)}</td>
  </tr> `;
}

/** Runs without a result, so that a missing figure is not mistaken for a measurement that was not configured. */
export function failuresNotice(view: ExperimentView): Html {
  const missing = missingRuns(view);
  if (missing.length === 0) return nothing;
  return html`<div class="warning" role="note">
    <p>
      ${missing.length} of ${view.runs.length} runs have no result; everything that needs them is
      missing below.
    </p>
    <ul>
      ${missing.map(missingItem)}
    </ul>
  </div> `;
}

/** Runs whose results are in doubt. */
export function warningsNotice(view: ExperimentView): Html {
  const doubtful = doubtfulRuns(view);
  if (doubtful.length === 0) return nothing;
  return html`<div class="warning" role="note">
    <ul>
      ${doubtful.map(({ name, warning }) => html`<li>${name}: ${warning ?? ''}</li>`)}
    </ul>
  </div> `;
}

function missingItem({ name, state, failure, reason }: RunView): Html {
  const why = failure ? `${failure.type}: ${failure.message}` : reason;
  return html`<li>${name}: ${state}${why === null ? '' : ` (${why})`}</li>`;
}
