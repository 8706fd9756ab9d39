/** The activities as the workflow calls them; `execute-run.ts` and its neighbours carry them out. */
import type {
  ClosingExperiment,
  OpenedExperiment,
  RunOrder,
  RunReceipt,
} from '../experiment/workflow-records.js';

export interface ControlActivities {
  openExperiment(experiment: string): Promise<OpenedExperiment>;
  closeExperiment(closing: ClosingExperiment): Promise<void>;
}

export interface RunActivities {
  executeRun(order: RunOrder): Promise<RunReceipt>;
}
