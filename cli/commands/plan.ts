/** `plan`: the runs of an experiment file with their keys and states; starts nothing, needs no stack. */
import type { Plan } from '../../experiment/plan.js';
import type { PlannedRun, RunKey } from '../../experiment/runs.js';
import { loadSettings } from '../../infra/settings.js';
import { shortKey } from '../../report/numbers.js';
import { attempt, type Attempt } from '../attempt.js';
import { printJson, type CommonOptions, type Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { planFile } from '../experiment-file.js';
import { isFinished, planStates, type PlanState } from '../plan-states.js';
import { countStates, describeCounts, paintState } from '../states.js';
import { withStore } from '../store.js';
import { textTable } from '../tables.js';

export interface PlanOptions extends CommonOptions {
  readonly set: readonly string[];
}

type Asked = Attempt<ReadonlyMap<RunKey, PlanState>>;

export async function plan(
  context: Context,
  file: string,
  options: PlanOptions,
): Promise<ExitCode> {
  const planned = planFile(file, options.set);
  const asked = await attempt(async () =>
    withStore(loadSettings(context.env), (store) => planStates(store, planned)),
  );
  if (context.json) printJson(context, planDocument(planned, asked));
  else context.print(planText(planned, asked));
  if (!asked.ok) context.say(`states are unknown: ${asked.reason}`);
  if (asked.ok && isFinished(asked.value)) context.next(`run ${file}   (prints the results)`);
  else context.next(...(asked.ok ? [] : ['up']), `run ${file}`);
  return exitCodes.ok;
}

function stateOf(asked: Asked, { key }: PlannedRun): PlanState | 'unknown' {
  return asked.ok ? (asked.value.get(key) ?? 'new') : 'unknown';
}

/** More are not read in a terminal. */
const rowsShown = 200;

function planText({ id, signature, runs }: Plan, asked: Asked): string {
  const byKey = new Map(runs.map((run) => [run.key, run]));
  const rows = runs.slice(0, rowsShown).map((run) => [
    run.name,
    run.spec.kind,
    directNeeds(run, byKey)
      .map((key) => byKey.get(key)?.name ?? shortKey(key))
      .join(', '),
    shortKey(run.key),
    paintState(stateOf(asked, run)),
  ]);
  const counts = countStates(runs.map((run) => stateOf(asked, run)));
  const table = textTable(['run', 'kind', 'needs', 'key', 'state'], rows, () => false);
  const total = `${runs.length} runs: ${describeCounts(counts)}`;
  const more = runs.length > rowsShown ? `\n… and ${runs.length - rowsShown} more (--json)` : '';
  return `${id}   signature ${shortKey(signature)}\n\n${table}${more}\n\n${total}`;
}

/** Without what another need brings along: an evaluation waits for the curve, which waits for its ends. */
function directNeeds(run: PlannedRun, byKey: ReadonlyMap<RunKey, PlannedRun>): readonly RunKey[] {
  const needed = run.needs.map((need) => need.run);
  const implied = new Set(
    needed.flatMap((key) => byKey.get(key)?.needs.map((need) => need.run) ?? []),
  );
  return needed.filter((key) => !implied.has(key));
}

function planDocument({ id, name, signature, runs }: Plan, asked: Asked): unknown {
  return {
    ...{ id, name, signature },
    database: asked.ok ? 'asked' : `not asked: ${asked.reason}`,
    counts: countStates(runs.map((run) => stateOf(asked, run))),
    runs: runs.map((run) => ({ ...run, state: stateOf(asked, run) })),
  };
}
