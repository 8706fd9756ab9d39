/** The activities as the workflows call them. */
import type {
  Again,
  ExperimentResult,
  OpenedExperiment,
  RunOrder,
  RunReport,
  SettledRun,
  TakenRuns,
  TakeOrder,
} from '../experiment/records/workflow-records.js';

export interface ControlActivities {
  readonly openExperiment: (experiment: string, again?: Again) => Promise<OpenedExperiment>;
  readonly takeRuns: (order: TakeOrder) => Promise<TakenRuns>;
  readonly settleRun: (settled: SettledRun) => Promise<void>;
  readonly closeExperiment: (experiment: string, cancelled: boolean) => Promise<ExperimentResult>;
}

export interface RunActivities {
  /** Of one run, whose failure is the activity's; of several small ones, the report tells which failed. */
  readonly executeRuns: (order: RunOrder) => Promise<RunReport>;
}
