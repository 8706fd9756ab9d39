/** What `verify-resume` asks of the process that computes runs again, and what that process answers. */
import type { EngineJob, EngineMessage, MetricRow, Outputs } from './records.js';

/** Where a run is interrupted, drawn from a seed. */
export interface Moment {
  /** Of its progress. */
  readonly share: number;
  readonly signal: 'SIGTERM' | 'SIGKILL';
}

export interface ResumeCheck {
  readonly job: Omit<EngineJob, 'checkpointing'>;
  readonly moment: Moment;
}

export interface ResumeCheckResult {
  readonly run: string;
  readonly total: number;
  /** Null: it was over before its moment came. */
  readonly interruptedAt: number | null;
  /** 0: from the beginning. */
  readonly resumedAt: number;
  /** Of the attempt that went on; null when it failed. */
  readonly outputs: Outputs | null;
  readonly failure: Extract<EngineMessage, { type: 'failed' }>['failure'] | null;
  /** All that both attempts measured. */
  readonly metrics: readonly MetricRow[];
}
