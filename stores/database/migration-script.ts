/** Prints the pending migrations as one SQL script, for a role with more privileges. */
import type pg from 'pg';
import { databasePlace, readDatabaseUrl } from '../../settings/connections/database-url.js';
import { migrationsFolder, readMigrations, type Migration } from './migration-files.js';
import { refuseTrouble, statusOn, withClient } from './migration-status.js';
import { findOutdatedViews } from './views/database-views.js';
import type { View } from './views/view.js';

/** The lock that `prisma migrate` takes: only one of all deploys at a time. */
export const advisoryLock = 72_707_369;

/** Prisma's own definition. */
export const createTable = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

export interface Standing {
  readonly role: string;
  /** Null where the search path names none that is there. */
  readonly schema: string | null;
  readonly mayCreate: boolean | null;
}

/** The role of the connection and what it may do where new tables go. */
export async function standing(client: pg.Client): Promise<Standing> {
  const { rows } = await client.query(
    `SELECT current_user AS role, current_schema() AS schema,
       has_schema_privilege(current_schema(), 'CREATE') AS "mayCreate"`,
  );
  return rows[0] as Standing;
}

/**
 * For a person with more rights than Isthmus has: what `deployMigrations` would do, as one transaction, and the rights
 * that the role of `grantee` needs then.
 */
export async function migrationScript(
  databaseUrl: string,
  grantee: string = databaseUrl,
): Promise<string> {
  const migrations = await readMigrations(migrationsFolder);
  const role = await withClient(grantee, async (client) => (await standing(client)).role);
  return withClient(databaseUrl, async (client) => {
    const status = await statusOn(client, migrations);
    refuseTrouble(status, databasePlace(databaseUrl));
    const { schema } = await standing(client);
    const pending = migrations.filter(({ name }) => status.pending.includes(name));
    const missing = readDatabaseUrl(databaseUrl).schema ?? 'public';
    const replaced = await findOutdatedViews(client);
    return buildScript(
      { migrations: pending, views: replaced },
      { schema: schema ?? missing, isMissing: schema === null },
      role,
    );
  });
}

interface Outdated {
  readonly migrations: readonly Migration[];
  readonly views: readonly View[];
}

function buildScript(
  { migrations, views }: Outdated,
  { schema, isMissing }: { readonly schema: string; readonly isMissing: boolean },
  role: string,
): string {
  const [inSchema, to] = [quoted(schema), quoted(role)];
  const steps = migrations.flatMap(({ name, sql, checksum }) => [
    `-- ${name}`,
    sql.trim(),
    `INSERT INTO _prisma_migrations
  (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
VALUES (gen_random_uuid(), '${checksum}', '${name}', now(), clock_timestamp(), 1);`,
  ]);
  return [
    '-- psql -v ON_ERROR_STOP=1 -f THIS_FILE, as the role that is to own the tables',
    'BEGIN;',
    ...(migrations.length === 0 ? ['-- every migration is applied already'] : []),
    ...(isMissing ? [`CREATE SCHEMA IF NOT EXISTS ${inSchema};`] : []),
    `SET LOCAL search_path = ${inSchema};`,
    `SELECT pg_advisory_xact_lock(${advisoryLock});`,
    `${createTable};`,
    ...steps,
    ...views.map(({ sql }) => sql),
    `GRANT USAGE ON SCHEMA ${inSchema} TO ${to};`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${inSchema} TO ${to};`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${inSchema} TO ${to};`,
    'COMMIT;',
  ].join('\n');
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
