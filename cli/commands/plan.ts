/** `plan`: the runs of an experiment file with their keys and states; starts nothing, needs no stack. */
import type { ExperimentConfig } from '../../experiment/config.js';
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

function planText({ id, signature, runs, config }: Plan, asked: Asked): string {
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
  const kinds = Object.entries(countKinds(runs)).map(([kind, count]) => `${count} ${kind}`);
  const total = `${runs.length} runs: ${describeCounts(counts)}\nkinds: ${kinds.join(', ')}`;
  const more = runs.length > rowsShown ? `\n… and ${runs.length - rowsShown} more (--json)` : '';
  return `${id}   signature ${shortKey(signature)}\n\n${table}${more}\n\n${total}${sweepText(config)}`;
}

function countKinds(runs: readonly PlannedRun[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { spec } of runs) counts[spec.kind] = (counts[spec.kind] ?? 0) + 1;
  return counts;
}

/** What is multiplied with what, and how many values each has. */
function sweepText({ sweep }: ExperimentConfig): string {
  if (!sweep) return '';
  const axes = sweep.axes.map(({ entry, axis, values }) => {
    const where = entry === null ? axis : `${entry}.${axis}`;
    return `${where} (${values})`;
  });
  const cases = sweep.cases ? `; ${sweep.cases.length} cases of the whole` : '';
  return `\nsweep: ${axes.join(', ')}${cases}`;
}

/** Without what another need brings along: an evaluation waits for the curve, which waits for its ends. */
function directNeeds(run: PlannedRun, byKey: ReadonlyMap<RunKey, PlannedRun>): readonly RunKey[] {
  const needed = run.needs.map((need) => need.run);
  const implied = new Set(
    needed.flatMap((key) => byKey.get(key)?.needs.map((need) => need.run) ?? []),
  );
  return [...new Set(needed)].filter((key) => !implied.has(key));
}

function planDocument({ id, name, signature, runs, config }: Plan, asked: Asked): unknown {
  return {
    ...{ id, name, signature },
    database: asked.ok ? 'asked' : `not asked: ${asked.reason}`,
    counts: countStates(runs.map((run) => stateOf(asked, run))),
    kinds: countKinds(runs),
    ...(config.sweep
      ? { sweep: { axes: config.sweep.axes, cases: config.sweep.cases?.length ?? 1 } }
      : {}),
    runs: runs.map((run) => ({ ...run, state: stateOf(asked, run) })),
  };
}
