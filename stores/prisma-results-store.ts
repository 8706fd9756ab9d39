/** The results store on Postgres through Prisma, which is loaded with the first call. */
import { explained } from './database-errors.js';
import type { ResultsStore } from './results-store.js';
import * as attempts from './results/attempts.js';
import { openDatabase, type Database, type DatabaseOptions } from './results/database.js';
import * as execution from './results/execution.js';
import * as experiments from './results/experiments.js';
import * as metrics from './results/metrics.js';
import * as runs from './results/runs.js';
import { takeRuns } from './results/take-runs.js';
import { markUnstarted } from './results/unstarted.js';

export function createResultsStore(
  databaseUrl: string,
  options: DatabaseOptions = {},
): ResultsStore {
  let opened: Promise<Database> | undefined;
  /** The operation on the open database, its outages explained. */
  const on =
    <A extends readonly unknown[], R>(operation: (db: Database, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      opened ??= openDatabase(databaseUrl, options);
      try {
        return await operation(await opened, ...args);
      } catch (error) {
        throw explained(error, databaseUrl);
      }
    };
  return {
    registerExperiment: on(experiments.registerExperiment),
    setExperimentState: on(execution.setExperimentState),
    listExperiments: on(experiments.listExperiments),
    findExperiment: on(experiments.findExperiment),
    runsOf: on(runs.runsOf),
    findRuns: on(runs.findRuns),
    statesOf: on(runs.statesOf),
    countStates: on(runs.countStates),
    openExperiment: on(execution.openExperiment),
    takeRuns: on(takeRuns),
    settleRun: on(execution.settleRun),
    closeExperiment: on(execution.closeExperiment),
    beginAttempt: on(attempts.beginAttempt),
    renewLease: on(attempts.renewLease),
    appendMetrics: on(metrics.appendMetrics),
    completeRun: on(attempts.completeRun),
    endAttempt: on(attempts.endAttempt),
    markUnstarted: on(markUnstarted),
    metricsOf: on(metrics.metricsOf),
    close: async () => (await opened)?.$disconnect(),
  };
}
