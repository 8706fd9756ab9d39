/** Port: experiments, runs, attempts, lineage and metrics; the database row is the truth. */
import type { ExperimentConfig } from '../experiment/config.js';
import type { Plan } from '../experiment/plan.js';
import type {
  Environment,
  ExperimentState,
  MetricRow,
  Outputs,
  RunFailure,
  RunInput,
  RunState,
} from '../experiment/records.js';
import type { PlannedRun, RunKey } from '../experiment/runs.js';

export interface ExperimentRow {
  readonly id: string;
  readonly name: string;
  readonly signature: string;
  readonly config: ExperimentConfig;
  readonly state: ExperimentState;
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
}

/** A write came from an attempt that is no longer the run's newest. */
export class StaleAttemptError extends Error {
  override readonly name = 'StaleAttemptError';
}

export interface ResultsStore {
  /** Writes the experiment, its runs and their links in one transaction; again changes nothing but the state. */
  registerExperiment(plan: Plan): Promise<void>;
  setExperimentState(id: string, state: ExperimentState): Promise<void>;
  listExperiments(): Promise<readonly ExperimentRow[]>;
  /** By id, or by a prefix of it; null if none fits, a `bad-input` UserError if several do. */
  findExperiment(idOrPrefix: string): Promise<ExperimentRow | null>;
  /** The runs of one experiment in plan order, under the names that this experiment gives them. */
  runsOf(experimentId: string): Promise<readonly RunRow[]>;
  /** Rows of these keys that exist, whichever experiment made them. */
  findRuns(keys: readonly RunKey[]): Promise<readonly RunRow[]>;

  /** Claims the next attempt. `done` when there is nothing left to do. */
  beginAttempt(
    key: RunKey,
    worker: string,
  ): Promise<{ readonly done: true } | { readonly done: false; readonly epoch: number }>;
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

  metricsOf(keys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly MetricRow[]>>;
  close(): Promise<void>;
}
