/** Port: processes that compute gpu runs, one job each at a time. */
import type {
  CheckpointRef,
  EngineJob,
  Environment,
  MetricRow,
  Outputs,
  Resumption,
  RunFailure,
} from '../experiment/records/records.js';

export interface EngineListener {
  progress(step: number, total: number, phase: string): void;
  /** A promise holds the engine back until it resolves. */
  metrics(rows: readonly MetricRow[]): Promise<void> | undefined;
  /** Events that a job without checkpointing never sends. */
  resumed?(resumption: Resumption): void;
  checkpoint?(checkpoint: CheckpointRef): void;
  checkpointDelayed?(step: number, why: string): void;
}

export type EngineOutcome =
  | { readonly type: 'done'; readonly outputs: Outputs; readonly environment: Environment }
  | { readonly type: 'failed'; readonly failure: RunFailure }
  /** The signal was aborted, and the engine has let go of the job. */
  | { readonly type: 'stopped' };

export interface Engines {
  /** Never rejects: whatever happens to the process is an outcome. */
  execute(job: EngineJob, listener: EngineListener, signal: AbortSignal): Promise<EngineOutcome>;
}
