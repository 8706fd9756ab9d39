/** The small JSON records that travel between engine, worker, workflow, stores and command line. */
import type { Quantity } from './quantity.js';
import type { PlannedRun, RunKey } from './runs.js';
import type { Role } from '../specs/role.js';

/** A blob in the object store, addressed by its content. */
export interface ArtifactRef {
  /** sha256, lower-case hex. */
  readonly digest: string;
  readonly bytes: number;
}

/** Artifacts of a run, by output name (`weights`, `controlPoints`, `eigenvalues`). */
export type Outputs = Readonly<Record<string, ArtifactRef>>;

/** Where a value stands: x is t for paths, the step for training, 0 for summaries. */
export interface MetricPlace {
  readonly series: string;
  readonly x: number;
}

/** One measured value, or one that does not exist with its reason and its n. */
export type MetricRow = MetricPlace & Quantity;

/** A value that a network computes in one piece, such as the loss of a batch, is finite or has overflowed. */
export function withReason(row: MetricRow): MetricRow {
  if (row.reason !== undefined || Number.isFinite(row.value)) return row;
  return { ...row, n: row.n ?? 1, reason: 'overflow' };
}

export const failureTypes = [
  'diverged',
  'not-reached',
  'out-of-memory',
  'disk-full',
  'crashed',
  'bad-input',
  'dependency-down',
  'timeout',
  'no-progress',
] as const;
export type FailureType = (typeof failureTypes)[number];

export interface RunFailure {
  readonly type: FailureType;
  /** One line: what failed, with which ids, what to do. */
  readonly message: string;
}

/** Failures that trying again may cure. */
export const retryableFailures: readonly FailureType[] = [
  'out-of-memory',
  'disk-full',
  'crashed',
  'dependency-down',
  'no-progress',
];

export type RunState =
  'queued' | 'running' | 'done' | 'failed' | 'blocked' | 'interrupted' | 'cancelled';

/** `failed` means done with failures: every run that could finish has. */
export type ExperimentState = 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

/** Software and hardware that computed a run: digests are comparable only between equal environments. */
export interface Environment {
  readonly isthmus: string;
  readonly node: string;
  readonly tensorflow: string;
  readonly tfjs: string;
  readonly device: string;
  readonly cpu: string;
  readonly threads: number;
  /** Absent where the CPU computed. */
  readonly gpu?: GpuEnvironment | undefined;
  /** How the machines that computed the first part of the run differ; absent: one computed all of it. */
  readonly otherMachine?: string | undefined;
}

export interface GpuEnvironment {
  /** Null where nvidia-smi did not answer. */
  readonly card: GpuCard | null;
  /** Versions of NVIDIA's libraries that the process had loaded after its first products, by name. */
  readonly libraries: Readonly<Record<string, string>>;
  /** Variables that decide which kernels compute, as they were set. */
  readonly switches: Readonly<Record<string, string>>;
}

export interface GpuCard {
  readonly name: string;
  readonly uuid: string;
  /** The part of a partitioned GPU that computed. */
  readonly mig: { readonly profile: string; readonly uuid: string } | null;
  readonly driver: string;
  /** Megabytes of the whole card; null where it shares those of the machine. */
  readonly memoryMb: number | null;
}

/** Everything an engine needs to compute one run; tensors are named by digest, never sent. */
export interface EngineJob {
  readonly run: PlannedRun;
  readonly epoch: number;
  readonly inputs: readonly RunInput[];
  /** Absent: it begins at its beginning and is not saved on the way. */
  readonly checkpointing?: Checkpointing;
}

/** A state that a run can go on from. */
export interface CheckpointRef {
  /** In the unit of the run's progress. */
  readonly step: number;
  readonly total: number;
  readonly blob: ArtifactRef;
}

/** When a state is saved: whichever comes first. A stop saves one in any case. */
export interface CheckpointPolicy {
  readonly everySteps?: number | undefined;
  readonly everySeconds: number;
}

export interface Checkpointing {
  readonly policy: CheckpointPolicy;
  /** Newest first. */
  readonly saved: readonly CheckpointRef[];
}

/** How an attempt at a run that has checkpoints began. */
export interface Resumption {
  /** 0: from the beginning, since no checkpoint could be used. */
  readonly step: number;
  /** Checkpoints that are lost or damaged. */
  readonly refused: readonly {
    readonly step: number;
    readonly digest: string;
    readonly why: string;
  }[];
  /** How the machine differs from the one that saved the state, where that may change bits. */
  readonly otherMachine: string | null;
}

export interface RunInput {
  readonly role: Role;
  readonly run: RunKey;
  readonly outputs: Outputs;
}

export type EngineMessage =
  | { readonly type: 'ready'; readonly environment: Environment }
  | {
      readonly type: 'progress';
      readonly step: number;
      readonly total: number;
      readonly phase: string;
    }
  | { readonly type: 'metrics'; readonly rows: readonly MetricRow[] }
  | { readonly type: 'resumed'; readonly resumption: Resumption }
  /** Its bytes are in the object store. */
  | { readonly type: 'checkpoint'; readonly checkpoint: CheckpointRef }
  /** Its bytes wait on this machine until the object store takes them. */
  | { readonly type: 'checkpoint-delayed'; readonly step: number; readonly why: string }
  | {
      readonly type: 'done';
      readonly outputs: Outputs;
      readonly tensorsLeft: number;
      readonly rssBytes: number;
      /** As in the environment; absent: one machine computed all of it. */
      readonly otherMachine?: string | undefined;
    }
  | { readonly type: 'failed'; readonly failure: RunFailure };

export type EngineCommand =
  | { readonly type: 'run'; readonly job: EngineJob }
  /** Computes no further, until `go`: its metrics find no room. */
  | { readonly type: 'hold' | 'go' };

/** The manifest written beside the blobs of one run, before its database row commits them. */
export interface RunManifest {
  readonly format: 'isthmus.run/1';
  readonly run: PlannedRun;
  readonly inputs: readonly RunInput[];
  readonly outputs: Outputs;
  readonly environment: Environment;
}
