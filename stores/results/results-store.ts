/** Port: experiments, runs, attempts, lineage and metrics; the database row is the truth. */
import type { ExperimentConfig } from '../../experiment/experiment.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type {
  ArtifactRef,
  CheckpointPolicy,
  CheckpointRef,
  Environment,
  ExperimentState,
  MetricRow,
  Outputs,
  Resumption,
  RunFailure,
  RunInput,
  RunState,
} from '../../experiment/records/records.js';
import type { PlannedRun, RunKey, WorkQueue } from '../../experiment/records/runs.js';
import type { RunKind, Versions } from '../../experiment/kinds/index.js';
import type { FormerRun } from '../../experiment/plan/stale.js';
import type { ProductPrecision } from '../../experiment/plan/product-precision.js';
import type { MeasuredRun, WaitingRuns } from '../../experiment/plan/time-left.js';
import type {
  Again,
  ExperimentResult,
  OpenedExperiment,
  SettledRun,
  TakenRuns,
  TakeRequest,
} from '../../experiment/records/workflow-records.js';

export interface ExperimentRow {
  readonly id: string;
  readonly name: string;
  readonly signature: string;
  readonly config: ExperimentConfig;
  readonly state: ExperimentState;
  /** Digest of the keys and names of its runs. */
  readonly plan: string;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

export interface RunRow {
  readonly run: PlannedRun;
  readonly state: RunState;
  /** How many attempts have begun; every write names its own and an older one is refused. */
  readonly epoch: number;
  readonly failure: RunFailure | null;
  /** Why it never started, when it is blocked or cancelled. */
  readonly reason: string | null;
  readonly outputs: Outputs;
  readonly environment: Environment | null;
  /** When the newest attempt began. */
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Where it goes on, when it is not done and was saved on the way. */
  readonly checkpoint: { readonly step: number; readonly total: number } | null;
  /** Semantic version of its kind when it was planned; null where that was not written down yet. */
  readonly version: number | null;
  /** Paused, for the experiment that was asked about; so are the next two. */
  readonly held: boolean;
  /** A batch of its workflow has handed it to the workers, and it has not ended. */
  readonly inHand: boolean;
  /** The last worker to be given it handed it back, for it cannot compute it; until one claims it. */
  readonly refused: boolean;
  /** Names of those runs that it needs and that are not done, while it is queued. */
  readonly waitsFor: readonly string[];
  /** The experiment whose attempt made the result; null outside of any. */
  readonly madeBy: string | null;
  /** The experiment whose attempt is at work. */
  readonly attemptBy: string | null;
  /** The step at which the attempt at work began, where that was not the first. */
  readonly resumedAt: number | null;
  /** Largest loss of its training, where that left its bounds (experiment/records/loss-bound.ts). */
  readonly lossOutOfBounds: number | null;
}

/** Where a run stands, whichever experiments ask for it. */
export type StoredStanding = Pick<
  RunRow,
  'state' | 'failure' | 'reason' | 'madeBy' | 'refused' | 'version'
>;

export interface OpenRuns {
  /** By spec, without what decides no time. */
  readonly waiting: readonly WaitingRuns[];
  /** Runs of the cpu queue that have ended lately. */
  readonly smallRunsPerSecond: number;
}

export interface SavedCheckpoints {
  /** Null where the experiment's configuration says nothing. */
  readonly policy: CheckpointPolicy | null;
  /** Newest first. */
  readonly saved: readonly CheckpointRef[];
}

/**
 * How many runs of an experiment are in each state, `cached` and `paused` among them; states that none is in are left out.
 */
export type StateCounts = Readonly<Record<string, number>>;

/** Who begins an attempt. */
export interface Claimant {
  /** Names the process, for people. */
  readonly worker: string;
  /** Names the activity: only it may begin again while its lease lasts. */
  readonly holder: string;
  /** Whose run it is, for this attempt; null outside of any. */
  readonly experiment: string | null;
  readonly leaseMs: number;
  /** Kinds and versions of runs that its code computes. */
  readonly versions: Versions;
  /** Precisions of products that its engines can compute in. */
  readonly precisions: readonly ProductPrecision[];
}

export type Claim =
  | { readonly state: 'claimed'; readonly epoch: number; readonly run: PlannedRun }
  /** There is nothing left to do. */
  | { readonly state: 'done' }
  /** By a person's word; it waits with those that no batch has in hand. */
  | { readonly state: 'paused' }
  /** Not for this claimant: of another semantic version or an unknown kind, or in a precision it lacks; waits likewise. */
  | {
      readonly state: 'refused';
      readonly version: number | null;
      readonly own: number | null;
      readonly precision: ProductPrecision;
    }
  /** By an earlier attempt of the same holder, for good. */
  | { readonly state: 'failed'; readonly failure: RunFailure }
  /** Attempt `epoch`, of another holder, is at work. */
  | { readonly state: 'held'; readonly epoch: number };

/** One place in the database that names a blob. */
export interface BlobReference {
  readonly run: RunKey;
  readonly runName: string;
  /** `output`, `input`, … */
  readonly kind: string;
  readonly name: string;
  readonly ref: ArtifactRef;
}

/** A write came from an attempt that is no longer the run's newest. */
export class StaleAttemptError extends Error {
  override readonly name = 'StaleAttemptError';
}

/** The read-only part of the store, for commands that change nothing. */
export type ResultsReader = Pick<
  ResultsStore,
  | 'listExperiments'
  | 'findExperiment'
  | 'runsOf'
  | 'findRuns'
  | 'countStates'
  | 'standingsOf'
  | 'formerRuns'
  | 'openRuns'
  | 'workedQueues'
  | 'measuredRuns'
  | 'metricsOf'
  | 'close'
>;

export interface ResultsStore {
  /** Writes the experiment, its runs and their links in one transaction; again changes nothing but the state. */
  registerExperiment(plan: Plan): Promise<void>;
  setExperimentState(id: string, state: ExperimentState): Promise<void>;
  listExperiments(): Promise<readonly ExperimentRow[]>;
  /** By id, or by a prefix of it; null if none fits, a `bad-input` UserError if several do. */
  findExperiment(idOrPrefix: string): Promise<ExperimentRow | null>;
  /**
   * The runs of one experiment in plan order, under the names that this experiment gives them; with `most`, no more than
   * that many, those first that are at work or failed.
   */
  runsOf(experimentId: string, most?: number): Promise<readonly RunRow[]>;
  /** By experiment. */
  countStates(experimentIds: readonly string[]): Promise<ReadonlyMap<string, StateCounts>>;
  /** Rows of these keys that exist, whichever experiment made them. */
  findRuns(keys: readonly RunKey[]): Promise<readonly RunRow[]>;
  /** Where they stand, of many thousands. */
  standingsOf(keys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, StoredStanding>>;
  /** By name of run: the newest result that an experiment of this name has. */
  formerRuns(
    experimentName: string,
    runNames: readonly string[],
  ): Promise<ReadonlyMap<string, FormerRun>>;
  /** Remaining work of an experiment, and the speed of small runs. */
  openRuns(experimentId: string): Promise<OpenRuns>;
  /** Queues in which a worker is at a run of any experiment: it has renewed its lease. */
  workedQueues(): Promise<ReadonlySet<WorkQueue>>;
  /** Finished runs of these kinds, newest first, with the time they took. */
  measuredRuns(kinds: readonly RunKind[]): Promise<readonly MeasuredRun[]>;

  /**
   * Begins an execution: tells what is cached, puts everything else back into the queue. The same execution again changes
   * nothing.
   */
  openExperiment(id: string, again?: Again, execution?: string): Promise<OpenedExperiment>;
  /** Hands out runs whose needs are there, and blocks those whose needs failed. */
  takeRuns(order: TakeRequest): Promise<TakenRuns>;
  /** Runs that may not begin, handed out or not, or may again; answers with how many it changed. Those at work go on. */
  holdRuns(id: string, keys: readonly RunKey[], held: boolean): Promise<number>;
  /** Those that wait are cancelled; answers with those that are in hand, whose batches must be told. */
  cancelRuns(id: string, keys: readonly RunKey[]): Promise<readonly RunKey[]>;
  /** How a run ended for an experiment, where its attempt could not say so itself. */
  settleRun(settled: SettledRun): Promise<void>;
  /** Ends an execution all of whose runs have ended; cancelled, it ends what has not. */
  closeExperiment(id: string, cancelled: boolean): Promise<ExperimentResult>;

  /** Claims the next attempt and its lease, by the database's clock, unless the run is done or in other hands. */
  beginAttempt(key: RunKey, by: Claimant): Promise<Claim>;
  /** False when the attempt has been overtaken or has ended. */
  renewLease(key: RunKey, epoch: number, leaseMs: number): Promise<boolean>;
  /** The states that a run can go on from, newest first, and how often the experiment wants one saved. */
  checkpointsOf(key: RunKey, experiment: string | null): Promise<SavedCheckpoints>;
  /** Commits a state whose bytes are stored; all but this one and the one before it are forgotten. */
  commitCheckpoint(key: RunKey, epoch: number, checkpoint: CheckpointRef): Promise<void>;
  /** Records where an attempt went on. */
  recordResumption(key: RunKey, epoch: number, resumption: Resumption): Promise<void>;
  /** Idempotent: the same point again is a no-op or a newer attempt's value. Keeps NaN and infinities. */
  appendMetrics(key: RunKey, epoch: number, rows: readonly MetricRow[]): Promise<void>;
  /** Commits outputs, lineage and state in one transaction. A run that is done stays as it is. */
  completeRun(
    key: RunKey,
    epoch: number,
    result: {
      readonly outputs: Outputs;
      readonly inputs: readonly RunInput[];
      readonly environment: Environment | null;
    },
  ): Promise<void>;
  /** Ends the attempt without a result. One that has ended stays as it is. */
  endAttempt(
    key: RunKey,
    epoch: number,
    state: Extract<RunState, 'failed' | 'interrupted' | 'cancelled'>,
    failure: RunFailure | null,
  ): Promise<void>;
  /**
   * Runs that never started because of others: `blocked` by a failure, or `cancelled`; `queued` before they are tried
   * again. Those running or done stay as they are.
   */
  markUnstarted(
    keys: readonly RunKey[],
    state: Extract<RunState, 'blocked' | 'cancelled' | 'queued'>,
    reason: string | null,
  ): Promise<void>;

  /** The blobs that rows of one experiment name, by run in plan order. */
  referencesOf(experimentId: string): Promise<readonly BlobReference[]>;
  /** Those digests that no row names now. */
  unreferencedAmong(digests: readonly string[]): Promise<readonly string[]>;
  /**
   * Calls back with those digests that no row names and that no other sweep is at. Until it returns no attempt commits
   * one of these; nothing may be deleted once the signal is aborted.
   */
  sweepUnreferenced<T>(
    digests: readonly string[],
    sweep: (marked: readonly string[], signal: AbortSignal) => Promise<T>,
  ): Promise<T>;

  metricsOf(keys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly MetricRow[]>>;
  close(): Promise<void>;
}
