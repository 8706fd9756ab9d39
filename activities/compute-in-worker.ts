/** Computes runs that need no engine: in the worker, from the database. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricRow, RunInput } from '../experiment/records/records.js';
import type { SummarySpec } from '../experiment/records/measurements.js';
import type { PlannedRun, ProbeSpec } from '../experiment/records/runs.js';
import type { ResultsStore } from '../stores/results/results-store.js';
import { choosePoint } from './choose-point.js';
import { FailedRunError } from '../engine/failures.js';
import { summarisePath } from './summarise-path.js';

export async function computeInWorker(
  results: ResultsStore,
  run: PlannedRun,
  inputs: readonly RunInput[],
  signal: AbortSignal,
): Promise<readonly MetricRow[]> {
  if (run.spec.kind === 'summary') return computeSummary(results, run.spec, inputs);
  if (run.spec.kind === 'probe') return probe(run.spec, signal);
  const message = `${run.name}: ${run.spec.kind} runs need an engine; plan them on the gpu queue`;
  throw new FailedRunError({ type: 'bad-input', message });
}

async function computeSummary(
  results: ResultsStore,
  { choice }: SummarySpec,
  inputs: readonly RunInput[],
): Promise<readonly MetricRow[]> {
  const metrics = await results.metricsOf(inputs.map((input) => input.run));
  const measured = inputs.map(({ role, run: key }) => ({ role, rows: metrics.get(key) ?? [] }));
  const chosen = choice === undefined ? [] : choosePoint(measured, choice.margin);
  return [...summarisePath(measured), ...chosen];
}

async function probe(
  { index, sleepMs, fails }: ProbeSpec,
  signal: AbortSignal,
): Promise<readonly MetricRow[]> {
  if (sleepMs > 0) await sleep(sleepMs, undefined, { signal });
  if (fails) {
    const message = `probe ${index} was asked to fail`;
    throw new FailedRunError({ type: 'bad-input', message });
  }
  return [{ series: 'probe_index', x: 0, value: index }];
}
