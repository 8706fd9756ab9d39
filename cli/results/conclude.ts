/** The end of a command that waited for an experiment: results, report, warnings and exit code. */
import { UserError } from '../../experiment/errors.js';
import type { ExperimentState } from '../../experiment/records/records.js';
import { longRows } from '../../report/view/long-rows.js';
import { readExperimentView } from '../../report/view/read-view.js';
import type { ExperimentView, RunView } from '../../report/view/records.js';
import type { ResultsStore } from '../../stores/results/results-store.js';
import { printJson, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import type { FollowEnd } from '../watch/follow.js';
import { sayError } from '../terminal/report-error.js';
import { resultsDocument } from './results-document.js';
import { resultsText } from './results-text.js';
import { sayWarnings } from '../status/missing-runs.js';
import { countStates, describeCounts } from '../status/states.js';

export interface Conclusion {
  /** Where to write the report, if anywhere. */
  readonly report?: string;
}

export async function conclude(
  context: Context,
  store: ResultsStore,
  id: string,
  end: FollowEnd,
  { report }: Conclusion = {},
): Promise<ExitCode> {
  if (end === 'detached') return letGo(context, id, report);
  const experiment = await store.findExperiment(id);
  if (experiment === null) throw new UserError('failed', `${id} is no longer in the database`);
  const view = await readExperimentView(store, experiment);
  if (context.json) printJson(context, resultsDocument(view, longRows(view)));
  else if (view.runs.some(({ state }) => state === 'done'))
    context.print(resultsText(view, context.width));
  if (report !== undefined) await tryReport(context, view, report);
  sayEnd(context, view);
  return exitCodeOfState(view.state);
}

/** The results are printed and stored by then: a report that fails says so and changes no exit code. */
async function tryReport(context: Context, view: ExperimentView, path: string): Promise<void> {
  try {
    const { writeReport } = await import('./write-report.js');
    await writeReport(view, path);
    context.say(`report: ${path}`);
  } catch (error) {
    sayError(context, error);
    context.say(`no report was written; ./isthmus report ${view.id} -o FILE writes it again`);
  }
}

function letGo(context: Context, id: string, report: string | undefined): ExitCode {
  if (context.json) printJson(context, { id, state: 'running' });
  context.say(`left ${id}; it continues without this terminal`);
  const later = report === undefined ? [] : [`report ${id} -o ${report}`];
  context.next(`watch ${id}`, `cancel ${id}`, ...later);
  return exitCodes.detached;
}

function sayEnd(context: Context, view: ExperimentView): void {
  const { id, state, runs } = view;
  context.say('');
  for (const run of runs) if (run.failure) context.say(failureLine(run));
  sayWarnings(context, view);
  context.say(
    `${id} ${endWords[state]}: ${describeCounts(countStates(runs.map((run) => run.state)))}`,
  );
  if (state === 'done') context.next(`report ${id} -o report.html`, `results ${id} --csv`);
  else if (runs.some((run) => run.failure)) context.next(`retry ${id}`, `status ${id}`);
  else context.next(`resume ${id}`, `status ${id}`);
}

const endWords: Readonly<Record<ExperimentState, string>> = {
  done: 'is done',
  failed: 'ended with failures',
  cancelled: 'was cancelled',
  interrupted: 'was interrupted',
  running: 'is still running',
};

function failureLine({ name, state, failure }: RunView): string {
  return `${name} ${state}${failure ? `: ${failure.message}` : ''}`;
}

function exitCodeOfState(state: ExperimentState): ExitCode {
  switch (state) {
    case 'done':
    case 'running':
      return exitCodes.ok;
    case 'failed':
    case 'interrupted':
      return exitCodes.someRunsFailed;
    case 'cancelled':
      return exitCodes.cancelled;
    default: {
      const missed: never = state;
      throw new TypeError(`no exit code for ${String(missed)}`);
    }
  }
}
