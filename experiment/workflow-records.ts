/** What goes into the experiment workflow, comes out of it, and what its progress query answers. */
import type { RunFailure } from './records.js';
import type { RunKey, RunKind, WorkQueue } from './runs.js';

export interface WorkflowRun {
  readonly key: RunKey;
  readonly name: string;
  readonly queue: WorkQueue;
  readonly kind: RunKind;
  readonly summary: string;
  readonly needs: readonly RunKey[];
}

export interface ExperimentInput {
  readonly experiment: string;
  /** Each run comes after everything that it needs. */
  readonly runs: readonly WorkflowRun[];
  readonly concurrency: number;
}

export interface FailedRun extends RunFailure {
  readonly name: string;
}

export interface BlockedRun {
  readonly name: string;
  readonly reason: string;
}

export interface ExperimentResult {
  /** `failed`: done with failures; every run that could finish has. */
  readonly state: 'done' | 'failed';
  /** Computed now; `cached` ones were there before. */
  readonly done: number;
  readonly cached: number;
  readonly failed: readonly FailedRun[];
  readonly blocked: readonly BlockedRun[];
}

export const progressStates = [
  'queued',
  'running',
  'done',
  'cached',
  'failed',
  'blocked',
  'cancelled',
] as const;
/** `running` covers waiting for a worker's free slot; the database row knows when an attempt began. */
export type ProgressState = (typeof progressStates)[number];

export interface ExperimentProgress {
  readonly phase: 'opening' | 'running' | 'closing' | 'closed';
  readonly counts: Readonly<Record<ProgressState, number>>;
  readonly runs: readonly { readonly name: string; readonly state: ProgressState }[];
}

/** Answer of the activity that opens an experiment. */
export interface OpenedExperiment {
  /** Runs whose results are there already, whoever computed them. */
  readonly done: readonly RunKey[];
}

/** How the workflow saw the runs end, for the activity that closes an experiment. */
export interface ClosingExperiment {
  readonly experiment: string;
  readonly state: 'done' | 'failed' | 'cancelled';
  readonly failed: readonly { readonly key: RunKey; readonly failure: RunFailure }[];
  readonly blocked: readonly { readonly key: RunKey; readonly reason: string }[];
  readonly cancelled: readonly RunKey[];
}

export interface RunOrder {
  readonly experiment: string;
  readonly run: RunKey;
}

/** `cached`: another attempt or experiment had finished it. */
export interface RunReceipt {
  readonly state: 'done' | 'cached';
}
