/** Context of a run body: stores, graph host, progress, metrics, checkpoints and cancellation. */
import type { Environment, MetricRow } from '../../experiment/records/records.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';

export interface EngineContext {
  readonly blobs: BlobStore;
  /** Where captured graphs become TensorFlow sessions. */
  readonly host: GraphHost;
  readonly dataDir: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly checkpoints: Checkpoints;
  progress(step: number, total: number, phase: string): void;
  metrics(rows: readonly MetricRow[]): void;
  /**
   * Yields to the event loop so that signals and IPC are seen; throws when aborted. Here, and nowhere
   * else, the state that was reached last is saved if that is due.
   */
  pause(): Promise<void>;
}

export type NamedTensors = ReadonlyMap<string, StoredTensor>;

/** A state that an earlier attempt had reached. */
export interface Restored {
  readonly step: number;
  readonly tensors: NamedTensors;
}

export interface Checkpoints {
  /** Where the run goes on; null: at its beginning. To be called once. */
  restore(): Promise<Restored | null>;
  /**
   * The run can go on from here. `read` is called at a later pause, before anything else is reached, or
   * never; what it gives must be whole: metrics of earlier steps included.
   */
  reached(step: number, total: number, read: () => NamedTensors): void;
}

export const noCheckpoints: Checkpoints = {
  restore: () => Promise.resolve(null),
  reached: () => undefined,
};
