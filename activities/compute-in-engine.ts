/** Computes one job in an engine, and stops it when the attempt is stopped or makes no progress. */
import type { EngineJob, MetricRow } from '../experiment/records/records.js';
import type { CheckpointWriter } from './checkpoints.js';
import type { EngineOutcome, Engines } from './engines.js';
import { FailedRunError } from '../engine/failures.js';
import type { MetricWriter } from './metric-writer.js';
import type { Heartbeat } from './heartbeat.js';

export async function computeInEngine(
  engines: Engines,
  job: EngineJob,
  attempt: {
    readonly heartbeat: Heartbeat;
    readonly metrics: MetricWriter;
    readonly stop: AbortController;
    readonly noProgressTimeoutMs: number;
    readonly checkpoints: CheckpointWriter;
  },
): Promise<EngineOutcome> {
  const { heartbeat, metrics, stop, noProgressTimeoutMs, checkpoints } = attempt;
  const stuck = (): void => stop.abort(noProgress(job, noProgressTimeoutMs));
  const watchdog = setTimeout(stuck, noProgressTimeoutMs);
  let held: Promise<void> | null = null;
  const listener = {
    ...checkpoints.listener,
    progress(step: number, total: number, phase: string): void {
      watchdog.refresh();
      heartbeat.progress(step, total, phase);
    },
    metrics(rows: readonly MetricRow[]): Promise<void> | undefined {
      const room = metrics.add(rows);
      if (room && !held) held = heldBack(watchdog, room).finally(() => (held = null));
      return room;
    },
  };
  try {
    return await engines.execute(job, listener, stop.signal);
  } finally {
    clearTimeout(watchdog);
    await checkpoints.settled();
  }
}

const refreshMs = 1000;

/** An engine that waits for the database is not stuck. */
async function heldBack(watchdog: NodeJS.Timeout, room: Promise<void>): Promise<void> {
  const refresh = setInterval(() => watchdog.refresh(), refreshMs).unref();
  await room;
  clearInterval(refresh);
}

function noProgress(job: EngineJob, timeoutMs: number): FailedRunError {
  const message = `${job.run.name} made no progress for ${timeoutMs / 1000} s; its engine was killed`;
  return new FailedRunError({ type: 'no-progress', message });
}
