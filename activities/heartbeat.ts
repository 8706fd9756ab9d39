/** Periodic heartbeats of an activity; their details show its progress and carry the failure count to the next attempt. */
import { activityInfo, heartbeat } from '@temporalio/activity';
import { z } from 'zod';
import type { RunKey } from '../experiment/records/runs.js';

/** The command line reads these from the pending activity. */
const heartbeatSchema = z.object({
  /** Key of the run. */
  run: z.string(),
  step: z.number(),
  total: z.number(),
  phase: z.string(),
  /** Engine failures of earlier attempts; preemptions do not count. */
  failures: z.number(),
});
type HeartbeatDetails = z.infer<typeof heartbeatSchema>;

export interface Heartbeat {
  /** Sets the current run, with no progress yet. */
  begin(run: RunKey): void;
  readonly failures: number;
  progress(step: number, total: number, phase: string): void;
  /** Flushed by the SDK when the attempt then fails. */
  countFailure(): void;
  stop(): void;
}

const intervalMs = 1000;
/** Shorter runs send none. */
const firstMs = 250;

export function startHeartbeat(): Heartbeat {
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
