/** `plan`: the runs of an experiment file with their keys and states; starts nothing, needs no stack. */
import type { ExperimentConfig } from '../../experiment/experiment.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';
import type { TimeLeft } from '../../experiment/plan/time-left.js';
import { productPrecision } from '../../experiment/plan/product-precision.js';
import { dataFolder, loadEngineLayout, loadSettings } from '../../settings/settings.js';
import { readVariables } from '../../settings/variables.js';
import { shortKey } from '../../report/numbers.js';
import { attempt, type Attempt } from '../connections/if-reachable.js';
import { printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { planFile } from '../experiments/experiment-file.js';
import {
  layerTable,
  networkLine,
  plannedNetworks,
  type PlannedNetwork,
} from '../experiments/planned-networks.js';
import { cutEnd, cutList, cutMiddle, fitRows, foldLine } from '../terminal/fit-table.js';
import { planTime, timeText } from '../status/time-estimate.js';
import { isFinished, isResult, planStates } from '../status/plan-states.js';
import { withReader } from '../connections/reader.js';
import type { RunStatus } from '../status/run-status.js';
import { countStates, describeCounts, paintState } from '../status/states.js';
import { textTable } from '../terminal/tables.js';

export interface PlanOptions extends CommonOptions {
  readonly set: readonly string[];
}

interface Known {
  readonly states: ReadonlyMap<RunKey, RunStatus>;
  /** For what is not done. */
  readonly time: TimeLeft;
}
type Asked = Attempt<Known>;

export async function plan(
  context: Context,
  file: string,
  options: PlanOptions,
): Promise<ExitCode> {
  const dataDir = dataFolder(readVariables(context.env));
  const planned = await planFile(file, options.set, { dataDir });
  const { threads } = loadEngineLayout(context.env);
  const used = plannedNetworks(planned.runs, threads);
  const asked = await attempt(() =>
    withReader(loadSettings(context.env), async (store) => {
      const states = await planStates(store, planned);
      const open = planned.runs.filter(({ key }) => !isResult(states.get(key)!));
      return { states, time: await planTime(store, open) };
    }),
  );
  if (context.json) printJson(context, planDocument(planned, used, asked));
  else context.print(planText(planned, used, asked, context.width));
  if (!asked.ok) context.say(`states are unknown: ${asked.reason}`);
  if (asked.ok && isFinished(asked.value.states))
    context.next(`run ${file}   (prints the results)`);
  else context.next(...(asked.ok ? [] : ['up']), `run ${file}`);
  return exitCodes.ok;
}

function statusIn(asked: Asked, { key }: PlannedRun): RunStatus {
  return asked.ok ? asked.value.states.get(key)! : { state: 'unknown', why: '' };
}

/** More are not read in a terminal. */
const rowsShown = 200;

function planText(
  planned: Plan,
  used: readonly PlannedNetwork[],
  asked: Asked,
  width: number,
): string {
  const { id, signature, runs, config } = planned;
  const counts = countStates(runs.map((run) => statusIn(asked, run).state));
  const kinds = Object.entries(countKinds(runs)).map(([kind, count]) => `${count} ${kind}`);
  const more = runs.length > rowsShown ? `\n… and ${runs.length - rowsShown} more (--json)` : '';
  const totals = [
    `${runs.length} runs: ${describeCounts(counts)}`,
    `kinds: ${kinds.join(', ')}`,
    ...used.map(networkLine),
    ...gpuLines(countGpuRuns(runs)),
    ...sweepLines(config),
    ...(asked.ok && !isFinished(asked.value.states)
      ? [`time on one engine: ${timeText(asked.value.time)}`]
      : []),
  ].map((line) => foldLine(line, width));
  const head = `${id}   signature ${shortKey(signature)}`;
  const runsTable = `${planTable(planned, asked, width)}${more}`;
  return [head, runsTable, ...used.flatMap(layerTable), totals.join('\n')].join('\n\n');
}

function planTable({ runs }: Plan, asked: Asked, width: number): string {
  const byKey = new Map(runs.map((run) => [run.key, run]));
  const rows = runs.slice(0, rowsShown).map((run) => {
    const needs = directNeeds(run, byKey).map((key) => byKey.get(key)?.name ?? shortKey(key));
    const { state, why } = statusIn(asked, run);
    return [run.name, run.spec.kind, needs.join(', '), shortKey(run.key), paintState(state), why];
  });
  const head = ['run', 'kind', 'needs', 'key', 'state', ''];
  const fitted = fitRows(head, rows, width, [
    { column: 2, least: 24, shorten: cutList },
    { column: 5, least: 24, shorten: cutEnd },
    { column: 0, least: 28, shorten: cutMiddle },
    { column: 2, least: 8, shorten: cutList },
    { column: 5, least: 8, shorten: cutEnd },
    { column: 0, least: 12, shorten: cutMiddle },
  ]);
  return textTable(head, fitted, () => false);
}

function countKinds(runs: readonly PlannedRun[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { spec } of runs) counts[spec.kind] = (counts[spec.kind] ?? 0) + 1;
  return counts;
}

/** Runs that no engine on a CPU computes. */
function countGpuRuns(runs: readonly PlannedRun[]): number {
  return runs.filter(({ spec }) => productPrecision(spec) === 'tf32').length;
}

function gpuLines(count: number): readonly string[] {
  if (count === 0) return [];
  return [`needs workers with GPUs: ${count} run${count === 1 ? '' : 's'} in tf32`];
}

/** Axes of the sweep, and the number of values of each. */
function sweepLines({ sweep }: ExperimentConfig): readonly string[] {
  if (!sweep) return [];
  const axes = sweep.axes.map(({ entry, axis, values }) => {
    const where = entry === null ? axis : `${entry}.${axis}`;
    return `${where} (${values})`;
  });
  const cases = sweep.cases ? `; ${sweep.cases.length} cases of the whole` : '';
  return [`sweep: ${axes.join(', ')}${cases}`];
}

/** Without what another need brings along: an evaluation waits for the curve, which waits for its ends. */
function directNeeds(run: PlannedRun, byKey: ReadonlyMap<RunKey, PlannedRun>): readonly RunKey[] {
  const needed = run.needs.map((need) => need.run);
  const implied = new Set(
    needed.flatMap((key) => byKey.get(key)?.needs.map((need) => need.run) ?? []),
  );
  return [...new Set(needed)].filter((key) => !implied.has(key));
}

function planDocument(
  { id, name, signature, runs, config }: Plan,
  used: readonly PlannedNetwork[],
  asked: Asked,
): unknown {
  return {
    ...{ id, name, signature },
    database: asked.ok ? 'asked' : `not asked: ${asked.reason}`,
    counts: countStates(runs.map((run) => statusIn(asked, run).state)),
    ...(asked.ok ? { time: asked.value.time } : {}),
    kinds: countKinds(runs),
    networks: used,
    gpuRuns: countGpuRuns(runs),
    ...(config.sweep
      ? { sweep: { axes: config.sweep.axes, cases: config.sweep.cases?.length ?? 1 } }
      : {}),
    runs: runs.map((run) => ({ ...run, ...statusIn(asked, run) })),
  };
}
