/** One experiment: opens it, has batch after batch take its runs, and closes it; no failure stops a run's siblings. */
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
import * as options from './options.js';

const { openExperiment } = proxyActivities<ControlActivities>(options.control('open experiment'));
const { closeExperiment } = proxyActivities<ControlActivities>(options.control('close experiment'));

export async function experiment(
  input: records.ExperimentInput,
): Promise<records.ExperimentResult> {
  let phase: records.ExperimentProgress['phase'] = 'opening';
  const { eventsPerExperiment } = input.limits ?? options.defaultLimits;
  const batches = createBatches(input);
  setHandler(defineQuery<records.ExperimentProgress>(progressQuery), () => ({
    phase,
    batches: batches.open(),
  }));
  const cancelled = await untilCancelled(async () => {
    if (input.batch === undefined && (await open(input)).open === 0) return;
    phase = 'running';
    const next = await batches.run(() => workflowInfo().historyLength < eventsPerExperiment);
    if (next !== null) await continueAsNew<typeof experiment>({ ...input, batch: next });
  });
  phase = 'closing';
  const result = await CancellationScope.nonCancellable(() =>
    closeExperiment(input.experiment, cancelled),
  );
  phase = 'closed';
  setCurrentDetails(detailsOf(result));
  if (cancelled) throw new CancelledFailure(`${input.experiment} was cancelled`);
  return result;
}

/** Without a second argument where none is needed: what has run replays as it was. */
function open({ experiment: id, again }: records.ExperimentInput) {
  return again === undefined ? openExperiment(id) : openExperiment(id, again);
}

/** True when it was cancelled: everything that it had begun has then let go. */
async function untilCancelled(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return true;
  }
}

/** Temporal markdown, shown at the top of the workflow's page. */
function detailsOf(result: records.ExperimentResult): string {
  const { done, cached, failed, blocked, cancelled, problems } = result;
  const counts = { done, cached, failed, blocked, cancelled };
  return [
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(', '),
    ...problems.map(({ name, why }) => `- **${name}** ${why}`),
  ].join('\n');
}
