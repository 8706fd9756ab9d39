/** Read-only results store on pg alone, for commands that must start fast: Prisma takes longer to load than their queries. */
import pg from 'pg';
import { explained } from '../database/database-errors.js';
import { readDatabaseUrl, sessionLimits } from '../../settings/connections/database-url.js';
import type { ResultsReader } from './results-store.js';
import type { Reader } from './queries.js';
import * as experiments from './experiments.js';
import { readMetrics } from './metrics.js';
import * as runs from './runs.js';
import * as standings from './standings.js';

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 30_000;

export function createResultsReader(databaseUrl: string): ResultsReader {
  const address = readDatabaseUrl(databaseUrl);
  const pool = new pg.Pool({
    connectionTimeoutMillis: connectTimeoutMs,
    ...address.client,
    ...sessionLimits(address, statementTimeoutMs),
    max: 2,
    query_timeout: statementTimeoutMs,
  });
  pool.on('error', () => undefined); // the next query says so
  const db = readerOn(pool);
  const on =
    <A extends readonly unknown[], R>(operation: (db: Reader, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await operation(db, ...args);
      } catch (error) {
        throw explained(error, databaseUrl);
      }
    };
  return {
    listExperiments: on(experiments.listExperiments),
    findExperiment: on(experiments.findExperiment),
    runsOf: on(runs.readRuns),
    findRuns: on(runs.findRuns),
    countStates: on(standings.countStates),
    standingsOf: on(standings.readRunStates),
    formerRuns: on(standings.formerRuns),
    openRuns: on(standings.openRuns),
    workedQueues: on(standings.workedQueues),
    measuredRuns: on(standings.measuredRuns),
    metricsOf: on(readMetrics),
    close: () => pool.end(),
  };
}

/** The values of a template become parameters, as Prisma makes them. */
function readerOn(pool: pg.Pool): Reader {
  const ask = async <T>(text: string, values: readonly unknown[]): Promise<T> =>
    (await pool.query(text, [...values])).rows as T;
  return {
    $queryRaw: (texts, ...values) =>
      ask(
        texts.reduce((all, text, i) => `${all}$${i}${text}`),
        values,
      ),
    $queryRawUnsafe: (text, ...values) => ask(text, values),
  };
}
