/** Request and answer of the process that computes runs again for `verify-resume`. */
import type { EngineJob, EngineMessage, MetricRow, Outputs } from './records.js';

/** Where a run is interrupted, drawn from a seed. */
export interface Moment {
  /** Fraction of its progress. */
  readonly share: number;
  readonly signal: 'SIGTERM' | 'SIGKILL';
}

export interface ResumeCheck {
  readonly job: Omit<EngineJob, 'checkpointing'>;
  /** Threads of the engine that computed the stored run: others give other bits. */
  readonly threads: number;
  readonly moment: Moment;
}

export interface ResumeCheckResult {
  readonly run: string;
  readonly total: number;
  /** Null: it was over before its moment came. */
  readonly interruptedAt: number | null;
  /** 0: from the beginning. */
  readonly resumedAt: number;
  /** Outputs of the attempt that resumed; null when it failed. */
  readonly outputs: Outputs | null;
  /** That computed them, in words; null when it failed. */
  readonly machine: string | null;
  readonly failure: Extract<EngineMessage, { type: 'failed' }>['failure'] | null;
  /** All that both attempts measured. */
  readonly metrics: readonly MetricRow[];
}
