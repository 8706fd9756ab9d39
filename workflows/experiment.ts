/** One experiment: every run starts as soon as all that it needs is there, and no failure stops its siblings. */
import {
  CancellationScope,
  CancelledFailure,
  defineQuery,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { ControlActivities, RunActivities } from '../activities/types.js';
import type { RunKey } from '../experiment/runs.js';
import { progressQuery } from '../experiment/temporal-names.js';
import type * as records from '../experiment/workflow-records.js';
import { checkInput } from './input.js';
import { controlOptions, maxPendingRuns, runOptions } from './options.js';
import * as outcomes from './outcomes.js';
import { createWindow } from './window.js';

const { openExperiment } = proxyActivities<ControlActivities>(controlOptions('open experiment'));
const { closeExperiment } = proxyActivities<ControlActivities>(controlOptions('close experiment'));

export async function experiment(
  input: records.ExperimentInput,
): Promise<records.ExperimentResult> {
  checkInput(input);
  let phase: records.ExperimentProgress['phase'] = 'opening';
  const states = new Map<string, records.ProgressState>(input.runs.map((r) => [r.name, 'queued']));
  setHandler(defineQuery(progressQuery), () => outcomes.progressOf(phase, states));

  const cached = await open(input.experiment);
  phase = 'running';
  const inWindow = createWindow(Math.min(input.concurrency, maxPendingRuns));

  const settle = async (run: records.WorkflowRun): Promise<outcomes.Ended> => {
    const outcome = cached.has(run.key)
      ? ({ state: 'cached' } as const)
      : (outcomes.blockedBy(await Promise.all(run.needs.map((key) => settling.get(key)!))) ??
        (await inWindow(() => {
          states.set(run.name, 'running');
          return execute(input.experiment, run);
        })));
    states.set(run.name, outcome.state);
    return { run, outcome };
  };
  const settling = new Map<RunKey, Promise<outcomes.Ended>>();
  for (const run of input.runs) settling.set(run.key, settle(run));
  const ended = await Promise.all(settling.values());

  phase = 'closing';
  const cancelled = ended.some(({ outcome }) => outcome.state === 'cancelled');
  const result = outcomes.resultOf(ended);
  await close(outcomes.closingOf(input.experiment, ended, cancelled ? 'cancelled' : result.state));
  phase = 'closed';
  setCurrentDetails(outcomes.detailsOf(result));
  if (cancelled) throw new CancelledFailure(`${input.experiment} was cancelled`);
  return result;
}

/** Cancelled before it opened, it still marks its runs. */
async function open(experiment: string): Promise<ReadonlySet<RunKey>> {
  try {
    return new Set((await openExperiment(experiment)).done);
  } catch (error) {
    if (isCancellation(error)) return new Set();
    throw error;
  }
}

/** Failure and cancellation are outcomes here, so that they end this run only. */
async function execute(experiment: string, run: records.WorkflowRun): Promise<outcomes.Outcome> {
  const { executeRun } = proxyActivities<RunActivities>(runOptions(run));
  try {
    return await executeRun({ experiment, run: run.key });
  } catch (error) {
    if (isCancellation(error)) return { state: 'cancelled' };
    return { state: 'failed', failure: outcomes.failureOf(error) };
  }
}

function close(closing: records.ClosingExperiment): Promise<void> {
  return CancellationScope.nonCancellable(() => closeExperiment(closing));
}
