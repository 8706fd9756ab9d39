/** The results store on Postgres through Prisma, which is loaded with the first call. */
import type { ArtifactRef } from '../../experiment/records/records.js';
import { explained } from '../database/database-errors.js';
import type { ResultsStore } from './results-store.js';
import * as attempts from './attempts.js';
import * as checkpoints from './checkpoints.js';
import { beginAttempt } from './claims.js';
import { openDatabase, type Database, type DatabaseOptions, type Transaction } from './queries.js';
import * as execution from './execution.js';
import * as experiments from './experiments.js';
import { cancelRuns, holdRuns } from './interventions.js';
import * as metrics from './metrics.js';
import * as references from './references.js';
import * as runs from './runs.js';
import * as standings from './standings.js';
import { commitStored, sweepUnreferenced, unreferencedAmong, type IsStored } from './swept.js';
import { takeRuns } from './take-runs.js';
import { markUnstarted } from './unstarted.js';

export interface ResultsOptions extends DatabaseOptions {
  /** Asked before a result is committed whether its blobs are there; without it they are taken to be. */
  readonly isStored?: IsStored;
}

export function createResultsStore(
  databaseUrl: string,
  { isStored, ...options }: ResultsOptions = {},
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
    runsOf: on(runs.readRuns),
    findRuns: on(runs.findRuns),
    standingsOf: on(standings.readRunStates),
    formerRuns: on(standings.formerRuns),
    openRuns: on(standings.openRuns),
    workedQueues: on(standings.workedQueues),
    measuredRuns: on(standings.measuredRuns),
    countStates: on(standings.countStates),
    openExperiment: on(execution.openExperiment),
    takeRuns: on(takeRuns),
    holdRuns: on(holdRuns),
    cancelRuns: on(cancelRuns),
    settleRun: on(execution.settleRun),
    closeExperiment: on(execution.closeExperiment),
    beginAttempt: on(beginAttempt),
    renewLease: on(attempts.renewLease),
    checkpointsOf: on(checkpoints.readCheckpoints),
    commitCheckpoint: on(
      (db, ...[key, epoch, checkpoint]: Parameters<ResultsStore['commitCheckpoint']>) =>
        whileStored(db, isStored, [checkpoint.blob], (tx) =>
          checkpoints.commitCheckpoint(tx, key, epoch, checkpoint),
        ),
    ),
    recordResumption: on(checkpoints.recordResumption),
    appendMetrics: on(metrics.appendMetrics),
    completeRun: on((db, ...[key, epoch, result]: Parameters<ResultsStore['completeRun']>) =>
      whileStored(db, isStored, Object.values(result.outputs), (tx) =>
        attempts.completeRun(tx, key, epoch, result),
      ),
    ),
    endAttempt: on(attempts.endAttempt),
    markUnstarted: on(markUnstarted),
    referencesOf: on(references.readReferences),
    unreferencedAmong: on(unreferencedAmong),
    sweepUnreferenced: (digests, sweep) => on((db) => sweepUnreferenced(db, digests, sweep))(),
    metricsOf: on(metrics.readMetrics),
    close: async () => (await opened)?.$disconnect(),
  };
}

/** Runs without blobs, which are many and small, need no second statement. */
async function whileStored(
  db: Database,
  isStored: IsStored | undefined,
  refs: readonly ArtifactRef[],
  commit: (db: Database | Transaction) => Promise<void>,
): Promise<void> {
  if (isStored === undefined || refs.length === 0) return commit(db);
  return commitStored(db, refs, isStored, commit);
}
