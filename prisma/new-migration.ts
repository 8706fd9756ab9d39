/** Writes the next migration: what is missing between the migrations so far and schema.prisma. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSettings } from '../settings/settings.js';
import { migrationsFolder } from '../stores/database/migration-files.js';
import { deployMigrations } from '../stores/database/migrations.js';
import { createScratchDatabase } from './scratch-database.js';
import { sqlToSchema } from './schema-engine.js';

async function newMigration(name: string | undefined): Promise<void> {
  if (name === undefined || !/^[a-z][a-z0-9_]{0,59}$/.test(name)) {
    throw new Error('usage: npm run db:migration -- NAME, of lower-case letters, digits and "_"');
  }
  const sql = await missingSql(loadSettings(process.env).databaseUrl);
  if (sql === '') {
    console.error('the migrations already give the schema: nothing to write');
    return;
  }
  const timestamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const folder = join(migrationsFolder, `${timestamp}_${name}`);
  await mkdir(folder);
  await writeFile(join(folder, 'migration.sql'), `${sql}\n`);
  console.log(join(folder, 'migration.sql'));
  console.error('read it, then start the local stack to apply it: ./isthmus up');
}

async function missingSql(databaseUrl: string): Promise<string> {
  const scratch = await createScratchDatabase(databaseUrl);
  try {
    await deployMigrations(scratch.url);
    return await sqlToSchema(scratch.url);
  } finally {
    await scratch.drop();
  }
}

try {
  await newMigration(process.argv[2]);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
// A timer of the schema engine would hold the process for 10 s.
process.exit();
