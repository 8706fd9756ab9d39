/** One experiment: opens it, starts batch after batch, and closes it; a failed run stops only those that need it. */
import {
  CancellationScope,
  CancelledFailure,
  continueAsNew,
  defineQuery,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ControlActivities } from '../activities/types.js';
import { progressQuery } from '../experiment/records/temporal-names.js';
import type * as records from '../experiment/records/workflow-records.js';
import { createBatches } from './batches.js';
import { closedDetails } from './details.js';
import { createExperimentProgress } from './experiment-progress.js';
import * as options from './options.js';

const { openExperiment } = proxyActivities<ControlActivities>(options.control('open experiment'));
const { closeExperiment } = proxyActivities<ControlActivities>(options.control('close experiment'));

export async function experiment(
  input: records.ExperimentInput,
): Promise<records.ExperimentResult> {
  let phase: records.ExperimentProgress['phase'] = 'opening';
  const { eventsPerExperiment } = input.limits ?? options.defaultLimits;
  const batches = createBatches(input, (result) => progress.show(result));
  const progress = createExperimentProgress(batches.open, input.failures ?? []);
  setHandler(defineQuery<records.ExperimentProgress>(progressQuery), () => ({
    phase,
    batches: batches.open(),
  }));
  const cancelled = await untilCancelled(async () => {
    if (input.batch === undefined) {
      const opened = await open(input);
      progress.opened(opened);
      if (opened.open === 0) return;
    }
    phase = 'running';
    const next = await batches.run(() => workflowInfo().historyLength < eventsPerExperiment);
    const failures = progress.failures();
    if (next !== null) await continueAsNew<typeof experiment>({ ...input, batch: next, failures });
  });
  phase = 'closing';
  const result = await CancellationScope.nonCancellable(() =>
    closeExperiment(input.experiment, cancelled),
  );
  phase = 'closed';
  setCurrentDetails(closedDetails(result));
  if (cancelled) throw new CancelledFailure(`${input.experiment} was cancelled`);
  return result;
}

/** Without a second argument where none is needed, as in histories of older code. */
function open({ experiment: id, again }: records.ExperimentInput) {
  return again === undefined ? openExperiment(id) : openExperiment(id, again);
}

/** True when it was cancelled; all of its batches have ended by then. */
async function untilCancelled(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return true;
  }
}
