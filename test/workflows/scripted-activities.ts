/** Activities that record what the workflow asks of them, and end as a test says. */
import { Context, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ControlActivities, RunActivities } from '../../activities/types.js';
import type { RunKey } from '../../experiment/runs.js';
import type { ClosingExperiment, RunReceipt } from '../../experiment/workflow-records.js';

export interface Script {
  readonly done?: readonly RunKey[];
  /** By key; runs that are not named succeed after a moment. */
  readonly runs?: Readonly<Record<RunKey, (attempt: number) => Promise<RunReceipt>>>;
  readonly open?: () => Promise<void>;
}

export interface Recorded {
  readonly control: ControlActivities;
  readonly runs: RunActivities;
  /** `start k` and `end k`, in order. */
  readonly events: string[];
  readonly closings: ClosingExperiment[];
  /** Most runs that were at work at once. */
  readonly peak: () => number;
}

export function scriptedActivities(script: Script = {}): Recorded {
  const events: string[] = [];
  const closings: ClosingExperiment[] = [];
  let atWork = 0;
  let peak = 0;
  const succeed = async (): Promise<RunReceipt> => {
    await sleep(20);
    return { state: 'done' };
  };
  return {
    events,
    closings,
    peak: () => peak,
    control: {
      async openExperiment() {
        await script.open?.();
        return { done: script.done ?? [] };
      },
      closeExperiment(closing) {
        closings.push(closing);
        return Promise.resolve();
      },
    },
    runs: {
      async executeRun({ run }) {
        events.push(`start ${run}`);
        peak = Math.max(peak, ++atWork);
        try {
          return await (script.runs?.[run] ?? succeed)(Context.current().info.attempt);
        } finally {
          atWork--;
          events.push(`end ${run}`);
        }
      },
    },
  };
}

/** Works until it is cancelled, telling Temporal that it lives. */
export async function untilCancelled(): Promise<RunReceipt> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}

export function failing(type: string, message: string) {
  return (): Promise<never> => Promise.reject(ApplicationFailure.nonRetryable(message, type));
}
