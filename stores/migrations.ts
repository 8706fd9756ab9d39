/**
 * Brings a database to the tables of this version: applies prisma/migrations in order and records each in
 * `_prisma_migrations` exactly as `prisma migrate deploy` does, so that either can continue what the other began.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { UserError } from '../experiment/errors.js';
import { explaining, placeOf } from './database-errors.js';
import { migrationsFolder, readMigrations, type Migration } from './migration-files.js';

export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Began under Prisma's own command and neither finished nor were rolled back. */
  readonly failed: readonly string[];
  /** Applied from a file that has changed since. */
  readonly edited: readonly string[];
  /** Applied by another version: this one has no such file. */
  readonly unknown: readonly string[];
}

/** The lock that `prisma migrate` takes: only one of all deploys at a time. */
const advisoryLock = 72_707_369;
const lockTimeoutMs = 60_000;
const connectTimeoutMs = 10_000;

/** Prisma's own definition. */
const createTable = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/** Returns the names of what this call applied; none when the database was up to date. */
export async function deployMigrations(
  databaseUrl: string,
  folder: string = migrationsFolder,
): Promise<{ readonly applied: readonly string[] }> {
  const migrations = await readMigrations(folder);
  return withClient(databaseUrl, async (client) => {
    await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
    await client.query('SELECT pg_advisory_lock($1)', [advisoryLock]);
    await client.query(createTable);
    const status = compare(migrations, await recorded(client));
    refuseTrouble(status, placeOf(databaseUrl));
    const pending = migrations.filter(({ name }) => status.pending.includes(name));
    for (const migration of pending) await apply(client, migration, placeOf(databaseUrl));
    return { applied: pending.map(({ name }) => name) };
  });
}

export async function migrationStatus(
  databaseUrl: string,
  folder: string = migrationsFolder,
): Promise<MigrationStatus> {
  const migrations = await readMigrations(folder);
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query("SELECT to_regclass('_prisma_migrations') AS found");
    const { found } = rows[0] as { found: string | null };
    return compare(migrations, found === null ? [] : await recorded(client));
  });
}

/** The lock goes with the connection, also when the process is killed. */
function withClient<T>(databaseUrl: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  return explaining(databaseUrl, async () => {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: connectTimeoutMs,
    });
    // Without a listener an idle connection's end would end the process; the next query reports it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await use(client);
    } finally {
      await client.end();
    }
  });
}

interface Recorded {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

async function recorded(client: pg.Client): Promise<readonly Recorded[]> {
  const { rows } = await client.query(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
     FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows as Recorded[];
}

function compare(migrations: readonly Migration[], rows: readonly Recorded[]): MigrationStatus {
  const files = new Map(migrations.map((migration) => [migration.name, migration.checksum]));
  const finished = rows.filter((row) => row.finished);
  const seen = new Set(rows.map(({ name }) => name));
  return {
    applied: finished.map(({ name }) => name),
    pending: migrations.map(({ name }) => name).filter((name) => !seen.has(name)),
    failed: rows.filter((row) => !row.finished).map(({ name }) => name),
    edited: finished
      .filter(({ name, checksum }) => files.has(name) && files.get(name) !== checksum)
      .map(({ name }) => name),
    unknown: finished.map(({ name }) => name).filter((name) => !files.has(name)),
  };
}

function refuseTrouble({ failed, edited, unknown }: MigrationStatus, place: string): void {
  const refuse = (message: string, hint: string): never => {
    throw new UserError('failed', `database ${place}: ${message}`, { hint });
  };
  if (failed.length > 0) {
    refuse(
      `migration ${failed[0]} failed halfway`,
      `repair the tables, then: npx prisma migrate resolve --rolled-back ${failed[0]}`,
    );
  }
  if (edited.length > 0) {
    refuse(
      `migration ${edited[0]} was applied from another text than its file has now`,
      'restore the file, and put the change into a new migration',
    );
  }
  if (unknown.length > 0) {
    refuse(
      `migration ${unknown[0]} is not one of this version of Isthmus`,
      'use the version that applied it, or a newer one',
    );
  }
}

/** Script and record in one transaction: whatever happens, either both are there or neither. */
async function apply(client: pg.Client, migration: Migration, place: string): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations
         (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    const why = (cause as Error).message;
    throw new UserError(
      'failed',
      `database ${place}: migration ${migration.name} changed nothing, it failed: ${why}`,
      { cause },
    );
  }
}
