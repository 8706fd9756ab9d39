/** What the engine offers to the body of a run: stores, graphs, progress, metrics and a way to stop. */
import type { Environment, MetricRow } from '../../experiment/records.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import type { BlobStore } from '../../stores/blob-store.js';

export interface EngineContext {
  readonly blobs: BlobStore;
  /** Where captured graphs become TensorFlow sessions. */
  readonly host: GraphHost;
  readonly dataDir: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  progress(step: number, total: number, phase: string): void;
  metrics(rows: readonly MetricRow[]): void;
  /** Yields to the event loop so that signals and IPC are seen; throws when aborted. */
  pause(): Promise<void>;
}
