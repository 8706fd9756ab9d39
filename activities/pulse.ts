/** Heartbeats on a timer while an activity lives; the details tell people where it is and the next attempt what was. */
import { activityInfo, heartbeat } from '@temporalio/activity';
import { z } from 'zod';
import type { RunKey } from '../experiment/runs.js';

/** The command line reads these from the pending activity. */
export const heartbeatSchema = z.object({
  /** Key of the run. */
  run: z.string(),
  step: z.number(),
  total: z.number(),
  phase: z.string(),
  /** Engine failures of earlier attempts; preemptions do not count. */
  failures: z.number(),
});
export type HeartbeatDetails = z.infer<typeof heartbeatSchema>;

export interface Pulse {
  readonly failures: number;
  progress(step: number, total: number, phase: string): void;
  /** Flushed by the SDK when the attempt then fails. */
  countFailure(): void;
  stop(): void;
}

const intervalMs = 1000;

export function startPulse(run: RunKey): Pulse {
  const before = heartbeatSchema.safeParse(activityInfo().heartbeatDetails);
  const failures = before.success ? before.data.failures : 0;
  let details: HeartbeatDetails = { run, step: 0, total: 0, phase: 'starting', failures };
  const beat = (): void => heartbeat(details);
  beat();
  const timer = setInterval(beat, intervalMs);
  return {
    failures,
    progress(step, total, phase) {
      details = { run, step, total, phase, failures };
    },
    countFailure() {
      details = { ...details, failures: failures + 1 };
      beat();
    },
    stop: () => clearInterval(timer),
  };
}
