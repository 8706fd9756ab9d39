/** The activities as the workflow calls them; `execute-run.ts` and its neighbours carry them out. */
import type {
  ClosingExperiment,
  OpenedExperiment,
  RunOrder,
  RunReceipt,
} from '../experiment/workflow-records.js';

export interface ControlActivities {
  readonly openExperiment: (experiment: string) => Promise<OpenedExperiment>;
  readonly closeExperiment: (closing: ClosingExperiment) => Promise<void>;
}

export interface RunActivities {
  readonly executeRun: (order: RunOrder) => Promise<RunReceipt>;
}
