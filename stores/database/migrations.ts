/**
 * Brings a database to the tables and views of this version: applies prisma/migrations in order and records each in
 * `_prisma_migrations` exactly as `prisma migrate deploy` does, so that either can continue what the other began. Then
 * it replaces the public views, whose SQL follows from the catalogue, where the database has older ones.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { UserError } from '../../experiment/errors.js';
import { databasePlace, readDatabaseUrl } from '../../settings/connections/database-url.js';
import { migrationsFolder, readMigrations, type Migration } from './migration-files.js';
import { advisoryLock, createTable, standing } from './migration-script.js';
import { findOutdatedViews } from './views/database-views.js';
import { refuseTrouble, statusOn, withClient } from './migration-status.js';

const lockTimeoutMs = 60_000;
/** SQLSTATE insufficient_privilege. */
const noRight = '42501';

/** Names of the migrations and views that a call applied; none when the database was up to date. */
export interface Deployed {
  readonly applied: readonly string[];
  readonly views: readonly string[];
}

export async function deployMigrations(
  databaseUrl: string,
  folder: string = migrationsFolder,
): Promise<Deployed> {
  const migrations = await readMigrations(folder);
  const place = databasePlace(databaseUrl);
  refusePooler(databaseUrl);
  return withClient(databaseUrl, async (client) => {
    await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
    await client.query('SELECT pg_advisory_lock($1)', [advisoryLock]);
    const status = await statusOn(client, migrations);
    refuseTrouble(status, place);
    const pending = migrations.filter(({ name }) => status.pending.includes(name));
    if (pending.length + status.outdatedViews.length === 0) return { applied: [], views: [] };
    await refuseWithoutRight(client, place);
    await client.query(createTable);
    for (const migration of pending) await apply(client, migration, place);
    return { applied: pending.map(({ name }) => name), views: await replaceViews(client, place) };
  });
}

/** All or none, so that readers never see views of two versions. */
async function replaceViews(client: pg.Client, place: string): Promise<readonly string[]> {
  const outdated = await findOutdatedViews(client);
  const sql = outdated.map((view) => view.sql).join('\n');
  await inTransaction(client, () => client.query(sql)).catch((cause: unknown) =>
    failed(`database ${place}: the public views were not replaced`, cause),
  );
  return outdated.map(({ name }) => name);
}

/** The lock must outlast the transactions of single migrations. */
function refusePooler(databaseUrl: string): void {
  if (!readDatabaseUrl(databaseUrl).pooler) return;
  throw new UserError('usage', 'a pooler in transaction mode keeps no lock for the migrations', {
    hint: 'ISTHMUS_MIGRATE_DATABASE_URL names the server itself',
  });
}

async function refuseWithoutRight(client: pg.Client, place: string): Promise<void> {
  const { role, schema, mayCreate } = await standing(client);
  if (mayCreate === true) return;
  const what =
    schema === null
      ? `the role ${role} sees no schema to create tables in`
      : `the role ${role} may not create tables in the schema ${schema}`;
  throw new UserError('failed', `database ${place}: ${what}`, { hint: printHint });
}

const printHint = './isthmus migrate --print prints the SQL for a role that may';

/** Script and record in one transaction: whatever happens, either both are there or neither. */
async function apply(client: pg.Client, migration: Migration, place: string): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations
         (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
  }).catch((cause: unknown) =>
    failed(`database ${place}: migration ${migration.name} changed nothing, it failed`, cause),
  );
}

/** A failure ends the connection, and with it the transaction. */
async function inTransaction(client: pg.Client, work: () => Promise<unknown>): Promise<void> {
  await client.query('BEGIN');
  await work();
  await client.query('COMMIT');
}

function failed(what: string, cause: unknown): never {
  const { message, code } = cause as pg.DatabaseError;
  const hint = code === noRight ? { hint: printHint } : {};
  throw new UserError('failed', `${what}: ${message}`, { cause, ...hint });
}
