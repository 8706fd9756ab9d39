/** Inputs and results of an experiment's workflows and of their activities. */
import type { RunFailure } from './records.js';
import type { RunKey, WorkQueue } from './runs.js';

/** The plan itself stays in the database, whatever its size. */
export interface ExperimentInput {
  readonly experiment: string;
  /** Most runs in flight at once. */
  readonly concurrency: number;
  /** Set when the workflow continues as new: number of the next batch. */
  readonly batch?: number;
  /** Set when the workflow continues as new: the failed runs that its page shows. */
  readonly failures?: readonly Problem[];
  /** Replaces those of `workflows/options.ts`: tests make a few runs behave like many. */
  readonly limits?: Limits;
  /** Which runs a new execution retries: all that are not done (default), or those without the failed ones. */
  readonly again?: Again;
  readonly stop?: StopRule;
}

export type Again = 'all' | 'unfinished';

/** When to start no more runs; running ones complete. */
interface StopRule {
  /** Number of failed runs. */
  readonly maxFailures?: number | undefined;
  /** Number of runs that failed before any was done. */
  readonly failFast?: number | undefined;
}

export interface Limits {
  readonly runsPerBatch: number;
  readonly eventsPerBatch: number;
  readonly eventsPerExperiment: number;
}

/** How a run can end for one experiment. `cached`: its result existed, or another experiment computed it. */
export const runOutcomes = ['done', 'cached', 'failed', 'blocked', 'cancelled'] as const;
export type RunOutcome = (typeof runOutcomes)[number];
export type RunCounts = Readonly<Record<RunOutcome, number>>;

/** A failed or blocked run and its reason. */
export interface Problem {
  readonly name: string;
  readonly why: string;
}

export interface ExperimentResult extends RunCounts {
  /** `failed`: done with failures; every run that could finish has. */
  readonly state: 'done' | 'failed' | 'cancelled';
  /** The first failed and blocked runs. */
  readonly problems: readonly Problem[];
}

/** Result of the activity that opens an experiment. */
export interface OpenedExperiment {
  readonly cached: number;
  /** Number of runs that have not ended. */
  readonly open: number;
}

/** A batch: one child workflow that takes runs in turn until its history is long enough. */
export interface BatchInput {
  readonly experiment: string;
  readonly concurrency: number;
  readonly batch: number;
  readonly limits: Limits;
  /** Earlier batches that still have runs in flight. */
  readonly others: readonly number[];
  readonly stop?: StopRule;
  /** Its experiment wants reports for its page; absent in histories of older code, which sent none. */
  readonly reports?: true;
}

/** A batch asks the database for runs. */
export interface TakeRequest {
  readonly experiment: string;
  readonly batch: number;
  readonly others: readonly number[];
  /** Positions of the runs that this batch has in flight. */
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
  /** Recorded here so that histories replay after a kind is renamed; absent in older ones: `executeRuns`. */
  readonly activity?: string;
}

export interface TakenRuns {
  readonly runs: readonly TakenRun[];
  /** Whether more are waiting, for their needs or for room. */
  readonly untaken: boolean;
  /** Number of runs that earlier batches have in flight. */
  readonly elsewhere: number;
  /** Whether some of the waiting ones are paused, or were returned by workers of other versions. */
  readonly held?: boolean;
  /** Milliseconds until the first returned run may be handed out again; absent: none was returned. */
  readonly againMs?: number;
  /** Number of runs that no batch has; absent in histories of older code. */
  readonly waiting?: number;
  /** Runs that have ended, without those of this batch, which counts its own; absent in histories of older code. */
  readonly ended?: RunCounts;
}

export interface BatchResult {
  /** It took as many as it may, and others wait. */
  readonly rest: boolean;
  /** Some were returned after it had taken its last runs; absent: none. */
  readonly returned?: boolean;
  /** Its first failures, which it may not have reported; absent: none. */
  readonly failures?: readonly Problem[];
}

/** Counts of an experiment's runs, as far as a batch knows. */
export interface ProgressCounts extends RunCounts {
  readonly running: number;
  readonly waiting: number;
}

export interface InFlightRun {
  readonly name: string;
  /** Workflow time of its dispatch, milliseconds since 1970. */
  readonly sinceMs: number;
  readonly activity?: string;
}

/** Signal of a batch to its experiment, for the page of the latter; bounded, however many runs there are. */
export interface BatchReport {
  readonly batch: number;
  readonly counts: ProgressCounts;
  /** The first of those in flight. */
  readonly inFlight: readonly InFlightRun[];
  /** The first failures of this batch. */
  readonly failures: readonly Problem[];
}

/** How the workflow saw a run end, which its attempt may not have been able to write. */
export interface SettledRun {
  readonly experiment: string;
  readonly run: RunKey;
  readonly state: 'failed' | 'cancelled';
  readonly failure: RunFailure | null;
}

/** Runs of one activity: one, or several small ones. */
export interface RunGroup {
  readonly experiment: string;
  readonly runs: readonly RunKey[];
}

export interface FailedRun {
  readonly run: RunKey;
  readonly failure: RunFailure;
}

/** Every run of the group that is not among these is done. */
export interface RunReport {
  readonly failed: readonly FailedRun[];
  /** Returned before they began, paused or of another version; absent: none. */
  readonly paused?: readonly RunKey[];
}

/** Answers of the progress queries. */
export interface ExperimentProgress {
  readonly phase: 'opening' | 'running' | 'closing' | 'closed';
  /** Batches with runs in flight. */
  readonly batches: readonly number[];
}

export interface BatchProgress {
  /** Dispatched to the workers; the database row knows when an attempt began. */
  readonly inFlight: readonly { readonly name: string }[];
  readonly ended: number;
}
