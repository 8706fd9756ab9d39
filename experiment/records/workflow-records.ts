/** What goes into the workflows of an experiment and their activities, and what comes out of them. */
import type { RunFailure } from './records.js';
import type { RunKey, WorkQueue } from './runs.js';

/** The plan itself stays in the database, whatever its size. */
export interface ExperimentInput {
  readonly experiment: string;
  /** Most runs in flight at once. */
  readonly concurrency: number;
  /** Set when the workflow continues as new: the batch to go on with. */
  readonly batch?: number;
  /** Others than `workflows/options.ts` has: tests make a few runs behave like many. */
  readonly limits?: Limits;
  /** What a new execution tries again: everything that is not done, if left out, or all but what failed. */
  readonly again?: Again;
  readonly stop?: StopRule;
}

export type Again = 'all' | 'unfinished';

/** When to take no more runs; those at work go on to their end. */
export interface StopRule {
  /** So many have failed. */
  readonly maxFailures?: number | undefined;
  /** So many have failed before any was done. */
  readonly failFast?: number | undefined;
}

export interface Limits {
  readonly runsPerBatch: number;
  readonly eventsPerBatch: number;
  readonly eventsPerExperiment: number;
}

/** How a run can end for one experiment. `cached`: its result was there, or another experiment computed it. */
export const runOutcomes = ['done', 'cached', 'failed', 'blocked', 'cancelled'] as const;
export type RunOutcome = (typeof runOutcomes)[number];
export type RunCounts = Readonly<Record<RunOutcome, number>>;

export interface ExperimentResult extends RunCounts {
  /** `failed`: done with failures; every run that could finish has. */
  readonly state: 'done' | 'failed' | 'cancelled';
  /** The first of the failed and blocked runs. */
  readonly problems: readonly { readonly name: string; readonly why: string }[];
}

/** Answer of the activity that opens an experiment. */
export interface OpenedExperiment {
  readonly cached: number;
  /** Runs that have yet to end. */
  readonly open: number;
}

/** A batch: one child workflow that takes runs in turn until its history is long enough. */
export interface BatchInput {
  readonly experiment: string;
  readonly concurrency: number;
  readonly batch: number;
  readonly limits: Limits;
  /** Earlier batches that still have runs in hand. */
  readonly others: readonly number[];
  readonly stop?: StopRule;
}

export interface TakeOrder {
  readonly experiment: string;
  readonly batch: number;
  readonly others: readonly number[];
  /** Positions of the runs that this batch has in hand. */
  readonly known: readonly number[];
  readonly most: number;
  readonly stop?: StopRule;
}

export interface TakenRun {
  readonly position: number;
  readonly key: RunKey;
  readonly name: string;
  readonly summary: string;
  readonly queue: WorkQueue;
}

export interface TakenRuns {
  readonly runs: readonly TakenRun[];
  /** Whether more are waiting, for their needs or for room. */
  readonly untaken: boolean;
  /** How many runs earlier batches have in hand. */
  readonly elsewhere: number;
  /** Whether some that wait are paused, or were handed back by workers of other versions. */
  readonly held?: boolean;
  /** In how many milliseconds the first of those that were handed back may be handed out again; absent: none was. */
  readonly againMs?: number;
}

export interface BatchResult {
  /** It took as many as it may, and others wait. */
  readonly rest: boolean;
  /** Some that it had in hand were handed back after it had taken its last; absent: none. */
  readonly returned?: boolean;
}

/** How the workflow saw a run end, which its attempt may not have been able to write. */
export interface SettledRun {
  readonly experiment: string;
  readonly run: RunKey;
  readonly state: 'failed' | 'cancelled';
  readonly failure: RunFailure | null;
}

/** Runs for one activity: one, or several so small that an activity each would cost more than they do. */
export interface RunOrder {
  readonly experiment: string;
  readonly runs: readonly RunKey[];
}

export interface FailedRun {
  readonly run: RunKey;
  readonly failure: RunFailure;
}

/** Every run of the order that is not among these is done. */
export interface RunReport {
  readonly failed: readonly FailedRun[];
  /** Handed back before they had begun, paused or of another version: they are nobody's again; absent: none. */
  readonly paused?: readonly RunKey[];
}

/** Answers of the progress queries. */
export interface ExperimentProgress {
  readonly phase: 'opening' | 'running' | 'closing' | 'closed';
  /** Batches with runs in hand. */
  readonly batches: readonly number[];
}

export interface BatchProgress {
  /** Handed to the workers, or waiting for room; the database row knows when an attempt began. */
  readonly inHand: readonly { readonly name: string }[];
  readonly ended: number;
}
