/** One self-contained HTML page of an experiment: figures, tables, runs and provenance; no scripts, nothing loaded. */
import { modelTitle } from '../../experiment/catalogue/models/index.js';
import { describeDataset } from '../../experiment/catalogue/own-dataset.js';
import { html, nothing, trusted, type Html } from '../html.js';
import {
  curvePoints,
  curveTables,
  endpointTables,
  furtherSeries,
  summaryTables,
} from '../kinds/index.js';
import { absentTable } from '../tables/absent-table.js';
import { endpointsOverAxis, endpointSpreadTable } from '../tables/endpoints-over-axis.js';
import { overAxis, spreadTable } from '../tables/over-axis.js';
import { paperTables } from '../tables/paper.js';
import { isDrawn } from '../figures/figure.js';
import type { ExperimentView } from '../view/records.js';
import { figureHtml } from './figure-html.js';
import { figureSections, type FigureSection } from './figure-sections.js';
import { failuresNotice, runsTable, tableHtml, warningsNotice } from './html-tables.js';
import { provenance } from './provenance.js';
import { styleSheet } from './style.js';

export async function renderReport(view: ExperimentView): Promise<string> {
  const sections: Html[] = [];
  let number = 0;
  for (const section of figureSections(view)) {
    const drawn: Html[] = [];
    for (const figure of section.figures.filter(isDrawn)) {
      drawn.push(await figureHtml(figure, (number += 1)));
    }
    sections.push(curveSection(section, drawn));
  }
  return page(view, sections).html;
}

function curveSection({ title, curve }: FigureSection, figures: readonly Html[]): Html {
  const tables = curve === null ? [] : [curvePoints(curve), ...curveTables(curve)];
  const body = figures.length + (tables[0]?.rows.length ?? 0) > 0;
  return html`<section>
    <h2>${title}</h2>
    ${body ? figures : html`<p class="quiet">Nothing is measured along this curve yet.</p>`}
    ${tables.map(tableHtml)}
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
              ${modelTitle(config.model)} on ${describeDataset(config.dataset).name} ·
              ${createdAt.toISOString().slice(0, 10)} · ${view.id}
            </p>
            ${config.description === '' ? nothing : html`<p>${config.description}</p>`}
            ${failuresNotice(view)}${warningsNotice(view)}
          </header>
          <section>
            <h2>Endpoints</h2>
            ${endpointTables(view).map(tableHtml)}
          </section>
          ${sections}${summarySection(view)}${furtherSection(view)}
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
    ...summaryTables(view),
    endpointSpreadTable(endpointsOverAxis(view, 'seed'), 'seed'),
    spreadTable(overAxis(view, 'seed'), 'seed'),
    absentTable(view),
  ];
  if (shown.every(({ rows }) => rows.length === 0)) return nothing;
  return html`<section>
    <h2>Summary</h2>
    ${shown.map(tableHtml)}
  </section> `;
}

/** Closed: a sweep may have thousands of rows. */
function furtherSection(view: ExperimentView): Html {
  const table = furtherSeries(view);
  if (table.rows.length === 0) return nothing;
  return html`<section>
    <h2>Further series</h2>
    <details>
      <summary>${table.rows.length} series that no figure or table above shows</summary>
      ${tableHtml(table)}
    </details>
  </section> `;
}
