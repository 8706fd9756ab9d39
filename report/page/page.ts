/** One self-contained HTML page of an experiment: figures, tables, runs and provenance; no scripts, nothing loaded. */
import { absentTable } from '../tables/absent-table.js';
import { associationTable, barrierTable, ensembleTable } from '../tables/analysis-tables.js';
import { curveFigures } from '../figures/figures.js';
import { transferMap } from '../figures/heat-map.js';
import { html, nothing, trusted, type Html } from '../html.js';
import { paperTables } from '../tables/paper.js';
import { provenance } from './provenance.js';
import * as tables from '../tables/results-tables.js';
import { styleSheet } from './style.js';
import { failuresNotice, runsTable, tableHtml, warningsNotice } from './html-tables.js';
import { overAxis, spreadTable } from '../tables/over-axis.js';
import type { CurveView, ExperimentView } from '../view/records.js';

export async function renderReport(view: ExperimentView): Promise<string> {
  const sections: Html[] = [];
  let figures = 0;
  for (const curve of view.curves) {
    const drawn = [...(await curveFigures(curve, figures + 1))];
    const map = transferMap(curve, figures + drawn.length + 1);
    if (map !== nothing) drawn.push(map);
    figures += drawn.length;
    sections.push(curveSection(`Curve ${curve.name}`, drawn, curve));
  }
  return page(view, sections).html;
}

function curveSection(title: string, figures: readonly Html[], curve: CurveView): Html {
  const points = tables.pathTable(curve);
  const body = figures.length + points.rows.length > 0;
  return html`<section>
    <h2>${title}</h2>
    ${body ? figures : html`<p class="quiet">Nothing is measured along this curve yet.</p>`}
    ${tableHtml(points, 'The measured points: error in %, loss and nll in nats, eigenvalue in 1/pixel², of the weights in 1/weight².')}
    ${[barrierTable(curve), associationTable(curve), ensembleTable(curve)].map((table) => tableHtml(table))}
  </section> `;
}

function page(view: ExperimentView, sections: readonly Html[]): Html {
  const { name, config, createdAt } = view;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${name} · Isthmus report</title>
        <style>
          ${trusted(styleSheet)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${name}</h1>
            <p class="quiet">
              ${config.model} on ${config.dataset} · ${createdAt.toISOString().slice(0, 10)} ·
              ${view.id}
            </p>
            ${config.description === '' ? nothing : html`<p>${config.description}</p>`}
            ${failuresNotice(view)}${warningsNotice(view)}
          </header>
          <section>
            <h2>Endpoints</h2>
            ${tableHtml(tables.endpointTable(view), 'Accuracy and mean cross-entropy (nll) on the test set after training.')}
            ${tableHtml(tables.aloneTable(view), 'Endpoints evaluated alone: share of the images of an injection that are classified as it wants (of those with a wrong target: success; of all: stealth).')}
          </section>
          ${sections}${summarySection(view)}
          <section>
            <h2>Runs</h2>
            ${runsTable(view)}
          </section>
          <section>
            <h2>Provenance</h2>
            ${provenance(view)}
          </section>
        </main>
      </body>
    </html> `;
}

function summarySection(view: ExperimentView): Html {
  const shown = [
    ...paperTables(view),
    tables.summaryTable(view),
    tables.lengthTable(view),
    tables.correlationTable(view),
    spreadTable(overAxis(view, 'seed'), 'seed'),
    absentTable(view),
  ];
  if (shown.every(({ rows }) => rows.length === 0)) return nothing;
  return html`<section>
    <h2>Summary</h2>
    ${shown.map((table) => tableHtml(table))}
  </section> `;
}
