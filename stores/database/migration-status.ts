/** Compares the migrations a database has with those of this version. */
import pg from 'pg';
import { UserError } from '../../experiment/errors.js';
import { explaining } from './database-errors.js';
import { databasePlace, readDatabaseUrl } from '../../settings/connections/database-url.js';
import { findOutdatedViews } from './views/database-views.js';
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
  /** Public views to create or replace. */
  readonly outdatedViews: readonly string[];
}

const connectTimeoutMs = 10_000;

export async function migrationStatus(
  databaseUrl: string,
  folder: string = migrationsFolder,
): Promise<MigrationStatus> {
  const migrations = await readMigrations(folder);
  return withClient(databaseUrl, (client) => statusOn(client, migrations));
}

export async function statusOn(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<MigrationStatus> {
  const { rows } = await client.query("SELECT to_regclass('_prisma_migrations') AS found");
  const { found } = rows[0] as { found: string | null };
  const views = await findOutdatedViews(client);
  return {
    ...compare(migrations, found === null ? [] : await recorded(client)),
    outdatedViews: views.map(({ name }) => name),
  };
}

/**
 * Refuses a database that this version cannot work on; one that is newer may be: others have migrated it. Outdated
 * views lack columns for readers, and hinder no run.
 */
export async function requireMigrated(databaseUrl: string): Promise<void> {
  refuseOutdated(await migrationStatus(databaseUrl), databaseUrl);
}

export function refuseOutdated({ applied, pending }: MigrationStatus, databaseUrl: string): void {
  if (pending.length === 0) return;
  const why =
    applied.length === 0
      ? 'it has no tables of Isthmus yet'
      : `it is older than this version: ${pending.join(', ')} not applied`;
  throw new UserError('dependency-down', `database ${databasePlace(databaseUrl)}: ${why}`, {
    hint: './isthmus migrate (or ./isthmus up --migrate)',
  });
}

/** The lock goes with the connection, also when the process is killed. */
export function withClient<T>(
  databaseUrl: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return explaining(databaseUrl, async () => {
    const client = new pg.Client({
      connectionTimeoutMillis: connectTimeoutMs,
      ...readDatabaseUrl(databaseUrl).client,
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

function compare(
  migrations: readonly Migration[],
  rows: readonly Recorded[],
): Omit<MigrationStatus, 'outdatedViews'> {
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

export function refuseTrouble({ failed, edited, unknown }: MigrationStatus, place: string): void {
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
