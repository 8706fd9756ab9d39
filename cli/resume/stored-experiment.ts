/** An experiment as the database holds it, and whether its workflow runs. */
import type { ExperimentRow, RunRow } from '../../stores/results/results-store.js';

export interface StoredExperiment {
  readonly experiment: ExperimentRow;
  readonly rows: readonly RunRow[];
  /** Whether its workflow runs. */
  readonly running: boolean;
}
