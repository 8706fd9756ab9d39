/** Reads the migrations of this version from prisma/migrations. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '../sha256.js';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** sha256 of the file, lower-case hex, as Prisma records it. */
  readonly checksum: string;
}

/** Compiled code lies deeper than its source, and the SQL beside neither. */
function findPrismaFolder(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'prisma');
    if (existsSync(join(candidate, 'schema.prisma'))) return candidate;
  }
  throw new Error(`no prisma/schema.prisma in ${start} or any folder above it`);
}

export const prismaFolder: string = findPrismaFolder(import.meta.dirname);
export const migrationsFolder: string = join(prismaFolder, 'migrations');

/** In the order in which they apply: that of their names, which begin with a time. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readMigration(folder, name)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const bytes = await readFile(join(folder, name, 'migration.sql'));
  const checksum = sha256(bytes);
  return { name, sql: bytes.toString('utf8'), checksum };
}
