/** The activities as the workflows call them. */
import type {
  Again,
  ExperimentResult,
  OpenedExperiment,
  RunGroup,
  RunReport,
  SettledRun,
  TakenRuns,
  TakeRequest,
} from '../experiment/records/workflow-records.js';

export interface ControlActivities {
  readonly openExperiment: (experiment: string, again?: Again) => Promise<OpenedExperiment>;
  readonly takeRuns: (order: TakeRequest) => Promise<TakenRuns>;
  readonly settleRun: (settled: SettledRun) => Promise<void>;
  readonly closeExperiment: (experiment: string, cancelled: boolean) => Promise<ExperimentResult>;
}

/**
 * Executes runs of any kind, under the activity type of their kind. The failure of a single run is the activity's; with
 * several small ones the report lists those that failed.
 */
type ExecuteRuns = (group: RunGroup) => Promise<RunReport>;

/** One function under the activity type of each kind, and under the common one. */
export type RunActivities = Readonly<Record<string, ExecuteRuns>> & {
  readonly executeRuns: ExecuteRuns;
};
