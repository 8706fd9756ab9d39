/** Planned runs: units of work with their keys. Plain JSON throughout. */
import type { RunSpec } from '../kinds/index.js';
import type { Role } from '../specs/role.js';

/** Lower-case hex sha256 of everything that decides the run's result. */
export type RunKey = string;

export interface Need {
  readonly role: Role;
  readonly run: RunKey;
}

export type WorkQueue = 'cpu' | 'gpu';

export interface PlannedRun {
  readonly key: RunKey;
  /** Unique in its experiment, e.g. `endpoint/A`, `attack/A-B/pgd-10`, `evaluation/A-B/line`. */
  readonly name: string;
  /** Which queue's workers take it: gpu runs in an engine, cpu runs in the worker itself. */
  readonly queue: WorkQueue;
  /** The path it belongs to (`A-B`), or null for endpoints. */
  readonly curve: string | null;
  /** One short line for people: Temporal UI, progress, tables. */
  readonly summary: string;
  readonly needs: readonly Need[];
  readonly spec: RunSpec;
}
