/** Migrations against a real Postgres: what is applied, once, and what is refused. */
import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings } from '../../../settings/settings.js';
import { createScratchDatabase, type ScratchDatabase } from '../../../prisma/scratch-database.js';
import { sqlToSchema } from '../../../prisma/schema-engine.js';
import { migrationsFolder } from '../../../stores/database/migration-files.js';
import { migrationStatus } from '../../../stores/database/migration-status.js';
import { deployMigrations } from '../../../stores/database/migrations.js';
import { stackEnv } from '../../stack.js';

let scratch: ScratchDatabase;
let folder: string;
beforeEach(async () => {
  scratch = await createScratchDatabase(loadSettings(stackEnv()).databaseUrl);
  folder = await mkdtemp(join(tmpdir(), 'isthmus-migrations-'));
  await cp(migrationsFolder, folder, { recursive: true });
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await scratch.drop();
});

async function query(text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: scratch.url });
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}

async function addMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'migration.sql'), sql);
}

test('all migrations together give the tables of schema.prisma', async () => {
  expect(await sqlToSchema(scratch.url)).toContain('CREATE TABLE "experiment"');
  await deployMigrations(scratch.url);
  expect(await sqlToSchema(scratch.url)).toBe('');
});

test('a table that is not in schema.prisma is seen as drift', async () => {
  await deployMigrations(scratch.url);
  await query('ALTER TABLE metric ADD COLUMN unit TEXT');
  expect(await sqlToSchema(scratch.url)).toContain('DROP COLUMN "unit"');
});

test('of two deploys at once one applies everything, the other nothing', async () => {
  const both = await Promise.all([deployMigrations(scratch.url), deployMigrations(scratch.url)]);
  const { applied, ...rest } = await migrationStatus(scratch.url);
  expect(both.map((one) => one.applied).sort((a, b) => a.length - b.length)).toEqual([[], applied]);
  expect(applied.length).toBeGreaterThan(0);
  expect(rest).toEqual({ pending: [], failed: [], edited: [], unknown: [], outdatedViews: [] });
});

test('the status of an empty database is that everything is pending, and leaves it empty', async () => {
  const { applied, pending } = await migrationStatus(scratch.url);
  expect([applied, pending.length > 0]).toEqual([[], true]);
  expect(await query("SELECT FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
});

test('a broken migration leaves nothing behind, and applies once it is repaired', async () => {
  const name = '99990101000000_broken';
  await addMigration(name, 'CREATE TABLE half (id int); CREATE TABLE half (id int);');
  await expect(deployMigrations(scratch.url, folder)).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringMatching(
      /migration 99990101000000_broken changed nothing.*already exists/,
    ),
  });
  expect((await migrationStatus(scratch.url, folder)).pending).toEqual([name]);
  expect(await query("SELECT FROM pg_tables WHERE tablename = 'half'")).toEqual([]);
  await writeFile(join(folder, name, 'migration.sql'), 'CREATE TABLE half (id int);');
  expect((await deployMigrations(scratch.url, folder)).applied).toEqual([name]);
});

test('a migration edited after it was applied is refused by name', async () => {
  const { applied } = await deployMigrations(scratch.url, folder);
  await appendFile(join(folder, applied[0]!, 'migration.sql'), '-- a change\n');
  await expect(deployMigrations(scratch.url, folder)).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringContaining(`migration ${applied[0]} was applied from another text`),
  });
});

test('a migration that Prisma itself left half done is refused, until it is marked rolled back', async () => {
  await deployMigrations(scratch.url, folder);
  await addMigration('99990101000000_next', 'CREATE TABLE next (id int);');
  await query(
    "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', '99990101000000_next')",
  );
  await expect(deployMigrations(scratch.url, folder)).rejects.toMatchObject({
    kind: 'failed',
    hint: expect.stringContaining('migrate resolve --rolled-back 99990101000000_next'),
  });
  await query("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE id = 'x'");
  expect((await deployMigrations(scratch.url, folder)).applied).toEqual(['99990101000000_next']);
});

test('a database of a newer version is refused', async () => {
  await addMigration('99990101000000_newer', 'SELECT 1;');
  await deployMigrations(scratch.url, folder);
  await expect(deployMigrations(scratch.url)).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('99990101000000_newer is not one of this version'),
  });
});

test('a database that is not there is told in one line', async () => {
  const url = new URL(scratch.url);
  url.port = '1';
  await expect(deployMigrations(url.href)).rejects.toMatchObject({
    kind: 'dependency-down',
    message: `database 127.0.0.1:1${url.pathname}: nothing listens there`,
  });
});
