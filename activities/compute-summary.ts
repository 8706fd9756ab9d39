/** Reads the measurements of one path from the database and summarises them. */
import type { MetricRow, RunInput } from '../experiment/records.js';
import type { PlannedRun } from '../experiment/runs.js';
import type { ResultsStore } from '../stores/results-store.js';
import { FailedRunError } from './failures.js';
import { summarisePath } from './summarise-path.js';

export async function computeSummary(
  results: ResultsStore,
  run: PlannedRun,
  inputs: readonly RunInput[],
): Promise<readonly MetricRow[]> {
  if (run.spec.kind !== 'summary') {
    const message = `${run.name}: ${run.spec.kind} runs need an engine; plan them on the gpu queue`;
    throw new FailedRunError({ type: 'bad-input', message });
  }
  const metrics = await results.metricsOf(inputs.map((input) => input.run));
  return summarisePath(
    inputs.map(({ role, run: key }) => ({ role, rows: metrics.get(key) ?? [] })),
  );
}
