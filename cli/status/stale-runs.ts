/** Results of a stored experiment that this version plans differently, with the reason. */
import type { Plan } from '../../experiment/plan/plan.js';
import { digestOfRuns } from '../../experiment/plan/keys.js';
import type { RunKey } from '../../experiment/records/runs.js';
import { whyStale, type FormerRun } from '../../experiment/plan/stale.js';
import type { ExperimentRow, RunRow } from '../../stores/results/results-store.js';
import { replan } from '../experiments/experiment-file.js';
import { sha256 } from '../../stores/sha256.js';

/** Reads the rows only where the plan of now is not the stored one. */
export async function staleRuns(
  { config, plan: stored }: ExperimentRow,
  readRows: () => Promise<readonly RunRow[]>,
): Promise<ReadonlyMap<RunKey, string>> {
  const plan = replan(config);
  return digestOfRuns(plan, sha256) === stored ? new Map() : compare(plan, await readRows());
}

function compare(plan: Plan, rows: readonly RunRow[]): ReadonlyMap<RunKey, string> {
  const [now, stale] = [
    new Map(plan.runs.map((run) => [run.name, run])),
    new Map<RunKey, string>(),
  ];
  const nameNow = new Map(plan.runs.map(({ key, name }) => [key, name]));
  const nameThen = new Map(rows.map(({ run }) => [run.key, run.name]));
  const names = new Set<string>();
  const findParent = (key: RunKey) => {
    const name = nameNow.get(key)!;
    return { name, stale: names.has(name) };
  };
  for (const row of rows) {
    const planned = now.get(row.run.name);
    if (row.state !== 'done' || planned?.key === row.run.key) continue;
    const why = planned
      ? whyStale(planned, formerRun(row, nameThen), findParent, sha256)
      : 'this version plans no such run';
    stale.set(row.run.key, why);
    names.add(row.run.name);
  }
  return stale;
}

function formerRun({ run, version }: RunRow, nameThen: ReadonlyMap<RunKey, string>): FormerRun {
  const needs = run.needs.map((need) => ({ ...need, name: nameThen.get(need.run) ?? null }));
  return { key: run.key, name: run.name, spec: run.spec, version, needs };
}
