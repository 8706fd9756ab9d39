/** The runs of an experiment one after the other in this process, with real data and a real object store. */
import { createHash } from 'node:crypto';
import { executeRun } from '../../engine/kinds/index.js';
import { computeInWorker } from '../../activities/compute-in-worker.js';
import { parseExperimentWith } from '../../experiment/file/document.js';
import { planExperiment } from '../../experiment/plan/plan.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';
import { contextOf } from '../engine/bodies.js';
import { stackBlobs } from '../stack.js';

/** Rows by name of run. */
export async function carryOut(text: string): Promise<ReadonlyMap<string, readonly MetricRow[]>> {
  const config = parseExperimentWith(text, 'inline.yaml', []);
  const digest = (part: string) => createHash('sha256').update(part).digest('hex');
  const outputs = new Map<RunKey, Outputs>();
  const measured = new Map<RunKey, readonly MetricRow[]>();
  const { runs } = planExperiment(config, digest);
  for (const run of runs) {
    const rows: MetricRow[] = [];
    if (run.queue === 'cpu') rows.push(...(await computeHere(run, outputs, measured)));
    else outputs.set(run.key, await compute(run, outputs, rows));
    measured.set(run.key, rows);
  }
  return new Map(runs.map(({ key, name }) => [name, measured.get(key)!]));
}

/** As a worker computes it, from the rows and artifacts of the runs before. */
function computeHere(
  run: PlannedRun,
  outputs: ReadonlyMap<RunKey, Outputs>,
  measured: ReadonlyMap<RunKey, readonly MetricRow[]>,
): Promise<readonly MetricRow[]> {
  const inputs = run.needs.map((need) => ({ ...need, outputs: outputs.get(need.run) ?? {} }));
  const { signal } = new AbortController();
  const results = { metricsOf: () => Promise.resolve(measured) };
  return computeInWorker(run, { results, blobs: stackBlobs(), inputs, signal });
}

async function compute(
  run: PlannedRun,
  outputs: ReadonlyMap<RunKey, Outputs>,
  rows: MetricRow[],
): Promise<Outputs> {
  const inputs = run.needs.map((need) => ({ ...need, outputs: outputs.get(need.run)! }));
  return executeRun({ run, epoch: 1, inputs }, contextOf(rows, new AbortController().signal));
}
