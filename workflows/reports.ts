/** Reports of a batch to its experiment: on change, and ever more rarely, so that neither history grows much. */
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { reportSignal } from '../experiment/records/temporal-names.js';
import type { BatchReport } from '../experiment/records/workflow-records.js';
import { reportGapMs } from './options.js';

/** Sends what `report` returns whenever `version` has grown, until the scope is cancelled. */
export function startReports(version: () => number, report: () => BatchReport): CancellationScope {
  const scope = new CancellationScope();
  // A page is not worth a failure: its experiment may have ended, or be about to.
  scope.run(() => sendReports(version, report)).catch(() => undefined);
  return scope;
}

async function sendReports(version: () => number, report: () => BatchReport): Promise<void> {
  const { parent } = workflowInfo();
  if (parent === undefined) return;
  const experiment = getExternalWorkflowHandle(parent.workflowId);
  let [reported, nextMs, gapMs] = [0, 0, reportGapMs.first as number];
  for (;;) {
    await condition(() => version() > reported);
    const waitMs = nextMs - Date.now();
    if (waitMs > 0) await sleep(waitMs, { summary: 'until the next report' });
    reported = version();
    nextMs = Date.now() + gapMs;
    gapMs = Math.min(reportGapMs.last, reportGapMs.growth * gapMs);
    await experiment.signal(reportSignal, report());
  }
}
