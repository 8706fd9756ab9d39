/** Preview of `resume`: the action for every run of an experiment, with its reason. */
import type { ResultsStore, RunRow } from '../../stores/results/results-store.js';
import type { StoredExperiment } from './stored-experiment.js';
import { printJson, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { cutEnd, cutMiddle, fitRows } from '../terminal/fit-table.js';
import { planTime, timeText } from '../status/time-estimate.js';
import { staleRuns } from '../status/stale-runs.js';
import { runStatus, type StatusContext } from '../status/run-status.js';
import { countStates, describeCounts, paintState } from '../status/states.js';
import { textTable } from '../terminal/tables.js';

interface Row {
  readonly name: string;
  readonly state: string;
  /** Action of `resume` for this run. */
  readonly then: string;
  readonly why: string;
}

export async function showResumePlan(
  context: Context,
  store: Pick<ResultsStore, 'measuredRuns'>,
  { experiment, rows, running }: StoredExperiment,
  chosen: readonly RunRow[],
): Promise<ExitCode> {
  const { id } = experiment;
  const stale = await staleRuns(experiment, () => Promise.resolve(rows));
  const around = { experiment: id, live: running, steps: new Map(), idle: new Set<never>(), stale };
  const again = new Set(chosen.map(({ run }) => run.key));
  const runs = rows.map((row) => planRow(row, around, again.has(row.run.key)));
  const counts = countStates(runs.map(({ state }) => state));
  const time = await planTime(
    store,
    chosen.map(({ run }) => run),
  );
  if (context.json) printJson(context, { id, counts, goesOn: chosen.length, time, runs });
  else
    context.print(
      `${id}\n\n${planTable(runs, context.width)}\n\n${totalText(counts, chosen.length, timeText(time))}`,
    );
  if (stale.size > 0)
    context.say('resume refuses what is stale; ./isthmus run FILE computes it anew');
  context.next(`resume ${id}`, `retry ${id}`);
  return exitCodes.ok;
}

function planRow(row: RunRow, around: StatusContext, again: boolean): Row {
  const { state, why } = runStatus(row, around);
  return { name: row.run.name, state, then: again ? 'goes on' : 'stays', why };
}

function planTable(runs: readonly Row[], width: number): string {
  const cells = runs.map(({ name, state, then, why }) => [name, paintState(state), then, why]);
  const head = ['run', 'state', 'resume', 'why'];
  const fitted = fitRows(head, cells, width, [
    { column: 3, least: 20, shorten: cutEnd },
    { column: 0, least: 24, shorten: cutMiddle },
  ]);
  return textTable(head, fitted, () => false);
}

function totalText(counts: Readonly<Record<string, number>>, goOn: number, time: string): string {
  const left = goOn > 0 ? `\ntime on one engine: ${time}` : '';
  return `${describeCounts(counts)}; ${goOn} go on${left}`;
}
