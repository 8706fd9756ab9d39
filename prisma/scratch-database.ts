/** An empty database beside the given one, for the time of a comparison or a test. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';

export interface ScratchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export async function createScratchDatabase(databaseUrl: string): Promise<ScratchDatabase> {
  const name = `scratch_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  await command(databaseUrl, `CREATE DATABASE ${name}`);
  return {
    url: url.href,
    drop: () => command(databaseUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function command(databaseUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
