/** The runs of an experiment one after the other in this process, with real data and a real object store. */
import { createHash } from 'node:crypto';
import { executeRun } from '../../engine/kinds/index.js';
import { summarisePath } from '../../activities/summarise-path.js';
import { parseExperimentWith } from '../../experiment/file/document.js';
import { planExperiment } from '../../experiment/plan/plan.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';
import { contextOf } from '../engine/bodies.js';

/** Rows by name of run. */
export async function carryOut(text: string): Promise<ReadonlyMap<string, readonly MetricRow[]>> {
  const config = parseExperimentWith(text, 'inline.yaml', []);
  const digest = (part: string) => createHash('sha256').update(part).digest('hex');
  const outputs = new Map<RunKey, Outputs>();
  const measured = new Map<RunKey, readonly MetricRow[]>();
  const { runs } = planExperiment(config, digest);
  for (const run of runs) {
    const rows: MetricRow[] = [];
    if (run.spec.kind === 'summary') rows.push(...summaryOf(run, measured));
    else outputs.set(run.key, await compute(run, outputs, rows));
    measured.set(run.key, rows);
  }
  return new Map(runs.map(({ key, name }) => [name, measured.get(key)!]));
}

function summaryOf(run: PlannedRun, measured: ReadonlyMap<RunKey, readonly MetricRow[]>) {
  return summarisePath(run.needs.map(({ role, run: key }) => ({ role, rows: measured.get(key)! })));
}

async function compute(
  run: PlannedRun,
  outputs: ReadonlyMap<RunKey, Outputs>,
  rows: MetricRow[],
): Promise<Outputs> {
  const inputs = run.needs.map((need) => ({ ...need, outputs: outputs.get(need.run)! }));
  return executeRun({ run, epoch: 1, inputs }, contextOf(rows, new AbortController().signal));
}
