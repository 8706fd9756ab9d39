/** All results of one experiment as one document for programs. */
import type { LongRow } from '../../report/view/long-rows.js';
import type { ExperimentView } from '../../report/view/records.js';

/** The document that `run`, `watch` and `results` print with `--json`. */
export function resultsDocument(view: ExperimentView, values: readonly LongRow[]): unknown {
  const { id, name, signature, state, createdAt, finishedAt, endpoints } = view;
  const runs = view.runs.map(({ series, absent, ...run }) => ({
    ...run,
    series: [...new Set([...Object.keys(series), ...absent.map((row) => row.series)])],
  }));
  return { id, name, signature, state, createdAt, finishedAt, endpoints, runs, values };
}
