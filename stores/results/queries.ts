/** Opens the results database: Prisma over a small pool of connections with bounds on every wait. */
import type { PrismaClient } from '#prisma';
import { readDatabaseUrl, sessionLimits } from '../../settings/connections/database-url.js';

export type Database = PrismaClient;
/** The same inside a transaction. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** Port for SQL queries: Prisma, or pg alone for commands that must start fast. */
export interface Reader {
  $queryRaw<T>(query: TemplateStringsArray, ...values: unknown[]): Promise<T>;
  $queryRawUnsafe<T>(query: string, ...values: unknown[]): Promise<T>;
}

export interface DatabaseOptions {
  /** Most connections of this process. */
  readonly connections?: number;
  /** Longest time for one statement on the server. */
  readonly statementTimeoutMs?: number;
  /** Longest wait for a connection, from the pool or to the server. */
  readonly connectTimeoutMs?: number;
}

const defaults: Required<DatabaseOptions> = {
  connections: 4,
  statementTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
};

const answerTimeMs = 5_000;

/** Loads Prisma only now: it costs a command that needs no database nothing. Connects with the first query. */
export async function openDatabase(
  databaseUrl: string,
  options: DatabaseOptions = {},
): Promise<Database> {
  const address = readDatabaseUrl(databaseUrl);
  const { connections, statementTimeoutMs, connectTimeoutMs } = { ...defaults, ...options };
  const [{ PrismaClient }, { PrismaPg }] = await Promise.all([
    import('#prisma'),
    import('@prisma/adapter-pg'),
  ]);
  const pool = {
    connectionTimeoutMillis: connectTimeoutMs,
    ...address.client,
    ...sessionLimits(address, statementTimeoutMs),
    max: address.connections ?? connections,
    // The server's own limit tells nothing when the network between is gone.
    query_timeout: statementTimeoutMs + answerTimeMs,
    keepAlive: true,
  };
  const { schema } = address;
  const adapter = new PrismaPg(pool, schema === undefined ? {} : { schema });
  return new PrismaClient({
    adapter,
    errorFormat: 'minimal',
    transactionOptions: { maxWait: statementTimeoutMs, timeout: 2 * statementTimeoutMs },
  });
}
