/** Public views in a database of another version: older ones are replaced, newer ones stay. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings } from '../../../settings/settings.js';
import { createScratchDatabase, type ScratchDatabase } from '../../../prisma/scratch-database.js';
import { migrationsFolder } from '../../../stores/database/migration-files.js';
import { migrationScript } from '../../../stores/database/migration-script.js';
import { migrationStatus, requireMigrated } from '../../../stores/database/migration-status.js';
import { deployMigrations } from '../../../stores/database/migrations.js';
import { views } from '../../../stores/database/views/views.js';
import { stackEnv } from '../../stack.js';

let scratch: ScratchDatabase;
let client: pg.Client;

beforeEach(async () => {
  scratch = await createScratchDatabase(loadSettings(stackEnv()).databaseUrl);
  await deployMigrations(scratch.url);
  client = new pg.Client({ connectionString: scratch.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await scratch.drop();
});

async function columnsOf(name: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ column: string }>(
    'SELECT column_name AS column FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position',
    [name],
  );
  return rows.map(({ column }) => column);
}

/** The first publication of four views. */
async function restoreFirstViews(): Promise<readonly string[]> {
  const names = ['v1_attacks', 'v1_curve_points', 'v1_lineage', 'v1_spectra'];
  await client.query(`DROP VIEW ${names.join(', ')}`);
  const file = join(migrationsFolder, '20261122124200_views_v1', 'migration.sql');
  await client.query(await readFile(file, 'utf8'));
  return names;
}

const outdated = async () => [...(await migrationStatus(scratch.url)).outdatedViews].sort();

test('the views of a fresh database are those of the catalogue', async () => {
  for (const { name, columns } of views) expect(await columnsOf(name)).toEqual(columns);
  expect(await outdated()).toEqual([]);
});

test('older views are named by the status, hinder no run, and are replaced once', async () => {
  const old = await restoreFirstViews();
  expect(await outdated()).toEqual(old);
  await requireMigrated(scratch.url);
  const { applied, views: replaced } = await deployMigrations(scratch.url);
  expect([applied, [...replaced].sort()]).toEqual([[], old]);
  expect(await columnsOf('v1_attacks')).toContain('attack_zero_gradient');
  expect(await deployMigrations(scratch.url)).toEqual({ applied: [], views: [] });
});

test('the printed script replaces them too', async () => {
  await restoreFirstViews();
  await client.query(await migrationScript(scratch.url));
  expect(await outdated()).toEqual([]);
});

test('the view of a newer version keeps its columns', async () => {
  const { sql } = views.find(({ name }) => name === 'v1_curves')!;
  const newer = sql
    .replace('\nFROM', ',\n    count(*) AS "points"\nFROM')
    .replace(/\[.*\]/, '[newer]');
  await client.query(newer);
  expect(await columnsOf('v1_curves')).toContain('points');
  expect(await deployMigrations(scratch.url)).toEqual({ applied: [], views: [] });
  expect(await columnsOf('v1_curves')).toContain('points');
});

test('a view whose columns are other ones is left as it is, with the reason', async () => {
  await client.query('DROP VIEW v1_curves');
  await client.query('CREATE VIEW v1_curves AS SELECT key AS mine FROM run');
  await expect(deployMigrations(scratch.url)).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringMatching(
      /public views were not replaced: cannot change name of view column/,
    ),
  });
  expect(await columnsOf('v1_curves')).toEqual(['mine']);
});
