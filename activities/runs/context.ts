/** What the engine offers to the body of a run: stores, progress, metrics and a way to stop. */
import type { Environment, MetricRow } from '../../experiment/records.js';
import type { BlobStore } from '../../stores/blob-store.js';

export interface EngineContext {
  readonly blobs: BlobStore;
  readonly dataDir: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  progress(step: number, total: number, phase: string): void;
  metrics(rows: readonly MetricRow[]): void;
  /** Yields to the event loop so that signals and IPC are seen; throws when aborted. */
  pause(): Promise<void>;
}

/** The computation left the finite numbers; trying again would do the same. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}
