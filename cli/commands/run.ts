/** `run`: starts the experiment of a file, or joins it, and watches it to its end. */
import { datasetIdentity, type DatasetSpec } from '../../experiment/catalogue/own-dataset.js';
import { UserError } from '../../experiment/errors.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { Again } from '../../experiment/records/workflow-records.js';
import { dataFolder, loadSettings, type Settings } from '../../settings/settings.js';
import { readVariables } from '../../settings/variables.js';
import { createBlobStore } from '../../stores/blobs/s3-blob-store.js';
import { verifySpec } from '../../stores/datasets/own/verify-spec.js';
import type { ResultsStore } from '../../stores/results/results-store.js';
import { conclude } from '../results/conclude.js';
import { printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { planFile } from '../experiments/experiment-file.js';
import { isFinished, planStates } from '../status/plan-states.js';
import { withStore } from '../connections/store.js';
import { tryOutput } from '../terminal/write-file.js';

export interface RunOptions extends CommonOptions {
  readonly set: readonly string[];
  readonly wait: boolean;
  readonly report?: string;
  readonly failFast?: number | true;
  readonly maxFailures?: number;
}

export async function run(context: Context, file: string, options: RunOptions): Promise<ExitCode> {
  refuseSetTwice(options);
  if (options.report !== undefined) tryOutput(options.report);
  const dataDir = dataFolder(readVariables(context.env));
  const set = [...options.set, ...stopRules(options)];
  const stored: Uint8Array[] = [];
  const onBlob = (bytes: Uint8Array): void => void stored.push(bytes);
  const plan = await planFile(file, set, { dataDir, keep: true, onBlob });
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    if (await isDone(store, plan)) {
      context.say(
        `${plan.id}: every run is done already (${plan.runs.length}), nothing to compute`,
      );
      return conclude(context, store, plan.id, 'settled', options);
    }
    for (const dataset of datasetsOf(plan)) await verifySpec(dataset, dataDir);
    await storeBlobs(settings, stored);
    return start(context, settings, store, plan, options);
  });
}

/** Imported weights and modules, before any run that needs them starts; another experiment may have stored them. */
async function storeBlobs(settings: Settings, stored: readonly Uint8Array[]): Promise<void> {
  if (stored.length === 0) return;
  const blobs = createBlobStore(settings.s3);
  for (const bytes of stored) await blobs.put(bytes);
}

/** Each once. */
function datasetsOf({ runs }: Plan): readonly DatasetSpec[] {
  const used = runs.flatMap(({ spec }) => ('dataset' in spec ? [spec.dataset] : []));
  return [...new Map(used.map((dataset) => [datasetIdentity(dataset), dataset])).values()];
}

/** As fields of the file. */
function stopRules({ failFast, maxFailures }: RunOptions): readonly string[] {
  return [
    ...(failFast === undefined ? [] : [`execution.failFast=${failFast === true ? 1 : failFast}`]),
    ...(maxFailures === undefined ? [] : [`execution.maxFailures=${maxFailures}`]),
  ];
}

function refuseSetTwice(options: RunOptions): void {
  for (const rule of stopRules(options)) {
    const [path] = rule.split('=') as [string];
    if (!options.set.some((assignment) => assignment.startsWith(`${path}=`))) continue;
    throw new UserError('usage', `--set ${path} and the option of that name: give one of them`);
  }
}

/** An experiment whose every run another one did is written down as done. */
async function isDone(store: ResultsStore, plan: Plan): Promise<boolean> {
  if (!isFinished(await planStates(store, plan))) return false;
  const known = await store.findExperiment(plan.id);
  if (known?.state === 'running') return false;
  if (known?.state !== 'done') {
    await store.registerExperiment(plan);
    await store.setExperimentState(plan.id, 'done');
  }
  return true;
}

type StartOptions = Pick<RunOptions, 'wait' | 'report'> &
  Partial<RunOptions> & {
    /** Which runs are queued again (default all that are not done). */
    readonly again?: Again;
  };

/** Shared with `resume` and `retry`. */
export async function start(
  context: Context,
  settings: Settings,
  store: ResultsStore,
  plan: Plan,
  { again = 'all', ...options }: StartOptions,
): Promise<ExitCode> {
  const { uiAddress, withTemporal, workflowStatus } = await import('../connections/temporal.js');
  const { startExperiment, warnWithoutWorker } = await import('../experiments/start-experiment.js');
  return withTemporal(settings.temporal, async (client) => {
    const [execution] = executionOptions(options);
    if (execution !== undefined && (await workflowStatus(client, plan.id)) === 'RUNNING') {
      throw joinsAsItIs(plan.id, execution);
    }
    const how = await startExperiment(client, store, plan, again);
    context.say(`${how} ${plan.id}: ${plan.runs.length} runs`);
    context.say(uiAddress(settings.temporal, plan.id));
    await warnWithoutWorker(context, client);
    if (!options.wait) return leave(context, plan);
    const { watchToEnd } = await import('../watch/watch-to-end.js');
    const end = await watchToEnd(context, client, store, plan.id);
    return conclude(context, store, plan.id, end, options);
  });
}

/** They belong to the workflow, which takes them at its start. */
function executionOptions({ set = [], failFast, maxFailures }: Partial<RunOptions>) {
  return [
    ...(failFast === undefined ? [] : ['--fail-fast']),
    ...(maxFailures === undefined ? [] : ['--max-failures']),
    ...set.filter((assignment) => assignment.startsWith('execution.')).map((one) => `--set ${one}`),
  ];
}

function joinsAsItIs(id: string, option: string): UserError {
  const message = `${id} is running already, and ${option} would have no effect on it`;
  return new UserError('usage', message, { hint: `./isthmus watch ${id}` });
}

function leave(context: Context, { id }: Plan): ExitCode {
  if (context.json) printJson(context, { id, state: 'running' });
  else context.print(id);
  context.next(`watch ${id}`, `status ${id}`, `cancel ${id}`);
  return exitCodes.ok;
}
