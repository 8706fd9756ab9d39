/** Heartbeats on a timer while an activity lives; the details tell people where it is and the next attempt what was. */
import { activityInfo, heartbeat } from '@temporalio/activity';
import { z } from 'zod';
import type { RunKey } from '../experiment/records/runs.js';

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
  /** Names the run that is at work from now on. */
  begin(run: RunKey): void;
  readonly failures: number;
  progress(step: number, total: number, phase: string): void;
  /** Flushed by the SDK when the attempt then fails. */
  countFailure(): void;
  stop(): void;
}

const intervalMs = 1000;
/** What is over sooner never troubles the server with it. */
const firstMs = 250;

export function startPulse(): Pulse {
  const before = heartbeatSchema.safeParse(activityInfo().heartbeatDetails);
  const failures = before.success ? before.data.failures : 0;
  const starting = { step: 0, total: 0, phase: 'starting', failures };
  let details: HeartbeatDetails = { run: '', ...starting };
  const beat = (): void => heartbeat(details);
  const first = setTimeout(beat, firstMs);
  const timer = setInterval(beat, intervalMs);
  return {
    failures,
    begin(run) {
      details = { run, ...starting };
    },
    progress(step, total, phase) {
      details = { run: details.run, step, total, phase, failures };
    },
    countFailure() {
      details = { ...details, failures: failures + 1 };
      beat();
    },
    stop() {
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}
