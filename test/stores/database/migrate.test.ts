/** `isthmus migrate` against a real Postgres: an owner's empty database, a role that may not create, and a pooler's rules. */
import { randomUUID } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadSettings } from '../../../settings/settings.js';
import { createScratchDatabase, type ScratchDatabase } from '../../../prisma/scratch-database.js';
import { migrationScript } from '../../../stores/database/migration-script.js';
import { migrationStatus, requireMigrated } from '../../../stores/database/migration-status.js';
import { deployMigrations } from '../../../stores/database/migrations.js';
import { createResultsStore } from '../../../stores/results/prisma-results-store.js';
import { createResultsReader } from '../../../stores/results/results-reader.js';
import { stackEnv } from '../../stack.js';
import { isthmus } from '../../cli/isthmus.js';
import { keyOf, plan } from '../results/plans.js';
import { claimant } from '../results/scratch-store.js';

let scratch: ScratchDatabase;
let role: string;
/** The scratch database as `role` sees it. */
let url: string;

async function admin(sql: string, database = scratch.url): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  scratch = await createScratchDatabase(loadSettings(stackEnv()).databaseUrl);
  role = `role_${randomUUID().replaceAll('-', '')}`;
  const mine = new URL(scratch.url);
  [mine.username, mine.password] = [role, 'hunter2'];
  url = mine.href;
  await admin(`CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`);
});

afterEach(async () => {
  await scratch.drop();
  await admin(`DROP ROLE ${role}`, loadSettings(stackEnv()).databaseUrl);
});

const owned = (): Promise<void> =>
  admin(`ALTER DATABASE ${new URL(scratch.url).pathname.slice(1)} OWNER TO ${role}`);

let seed = 7;

/** Registers an experiment, claims a run, reads it back by pg alone. */
async function use(databaseUrl: string): Promise<void> {
  const store = createResultsStore(databaseUrl, { statementTimeoutMs: 5000 });
  const reader = createResultsReader(databaseUrl);
  try {
    const fresh = plan('used', seed++);
    await store.registerExperiment(fresh);
    const key = keyOf(fresh, 'endpoint/A');
    const claimed = await store.beginAttempt(key, claimant);
    expect(claimed.state).toBe('claimed');
    if (claimed.state !== 'claimed') return;
    const row = { series: 'nll', x: 0, value: 0.1 + 0.2 };
    await store.appendMetrics(key, claimed.epoch, [row]);
    await store.completeRun(key, claimed.epoch, { outputs: {}, inputs: [], environment: null });
    expect((await reader.findRuns([key]))[0]).toMatchObject({ state: 'done' });
    expect((await reader.metricsOf([key])).get(key)).toMatchObject([{ value: 0.1 + 0.2 }]);
  } finally {
    await store.close();
    await reader.close();
  }
}

describe('a role that owns an empty database', () => {
  beforeEach(owned);

  test('two at once make its tables, once, and it can be worked on', async () => {
    await expect(requireMigrated(url)).rejects.toMatchObject({
      kind: 'dependency-down',
      message: expect.stringContaining('it has no tables of Isthmus yet'),
      hint: expect.stringContaining('./isthmus migrate'),
    });
    const both = await Promise.all([deployMigrations(url), deployMigrations(url)]);
    expect(both.map(({ applied }) => applied.length > 0).sort()).toEqual([false, true]);
    await requireMigrated(url);
    await use(url);
  });

  test('an older database names what it lacks and the next step', async () => {
    await deployMigrations(url);
    const { applied } = await migrationStatus(url);
    const last = applied.at(-1)!;
    await admin(`DELETE FROM _prisma_migrations WHERE migration_name = '${last}'`);
    await expect(requireMigrated(url)).rejects.toMatchObject({
      message: expect.stringContaining(`older than this version: ${last} not applied`),
      hint: expect.stringContaining('./isthmus migrate'),
    });
  });

  test('a schema of its own holds the tables for pg and for Prisma', async () => {
    const inSchema = `${url}?schema=my%20lab`;
    await expect(deployMigrations(inSchema)).rejects.toMatchObject({
      message: expect.stringContaining('sees no schema to create tables in'),
    });
    await admin(await migrationScript(inSchema), url);
    await use(inSchema);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(
      "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname IN ('public', 'my lab')",
    );
    await client.end();
    expect(rows).toEqual([{ schemaname: 'my lab' }]);
  });
});

describe('a role that may not create tables', () => {
  test('is told so in one line, and the printed SQL makes all it needs', async () => {
    await expect(deployMigrations(url)).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(
        new RegExp(`the role ${role} may not create tables in the schema public$`),
      ),
      hint: './isthmus migrate --print prints the SQL for a role that may',
    });
    const sql = await migrationScript(url);
    expect(sql).not.toContain('hunter2');
    await admin(sql);
    expect(await deployMigrations(url)).toEqual({ applied: [], views: [] });
    await use(url);
    await expect(admin('CREATE TABLE more (n int)', url)).rejects.toMatchObject({ code: '42501' });
    // Again for the rights alone.
    await admin(await migrationScript(url));
    await use(url);
  });

  test('without rights on tables that are there, the rights are the next step', async () => {
    await deployMigrations(scratch.url);
    await expect(requireMigrated(url)).rejects.toMatchObject({
      hint: './isthmus migrate --print prints the rights that the role needs',
    });
  });

  test('the command ends with 1 or prints SQL, and never the password', async () => {
    const env = { ...stackEnv(), DATABASE_URL: url };
    const refused = await isthmus(env, 'migrate');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain(`the role ${role} may not create tables`);
    expect(refused.stderr).toContain('next: ./isthmus migrate --print');
    const printed = await isthmus(env, 'migrate', '--print');
    expect(printed.code).toBe(0);
    expect(printed.stdout).toContain(`GRANT USAGE ON SCHEMA "public" TO "${role}"`);
    expect(refused.stderr + printed.stdout + printed.stderr).not.toContain('hunter2');
  });
});

/** Refuses start-up parameters as PgBouncer does, and passes the rest on to the real server. */
async function pooler(target: URL) {
  const tracked = ['user', 'database', 'client_encoding', 'application_name', 'DateStyle'];
  const refused: string[] = [];
  const server = createServer((client: Socket) => {
    client.on('error', () => undefined);
    client.once('data', (startUp) => {
      const words = startUp.subarray(8).toString('utf8').split('\0');
      const names = words.filter((word, index) => index % 2 === 0 && word !== '');
      const unknown = names.find((name) => !tracked.includes(name));
      if (unknown !== undefined) {
        refused.push(unknown);
        const text = `unsupported startup parameter: ${unknown}`;
        const body = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${text}\0\0`);
        const head = Buffer.alloc(5);
        head.write('E');
        head.writeInt32BE(body.length + 4, 1);
        return client.end(Buffer.concat([head, body]));
      }
      const upstream = connect(Number(target.port), target.hostname);
      upstream.on('error', () => client.destroy());
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.write(startUp);
      client.pipe(upstream).pipe(client);
      return upstream;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(target);
  through.port = String((server.address() as AddressInfo).port);
  return { url: through.href, refused, close: () => server.close() };
}

describe('through a pooler that refuses start-up parameters', () => {
  test('all works when it is named as one, and nothing connects when it is not', async () => {
    await deployMigrations(scratch.url);
    const { url: through, refused, close } = await pooler(new URL(scratch.url));
    try {
      await use(`${through}?pgbouncer=true`);
      expect(refused).toEqual([]);
      const told = {
        message: expect.stringMatching(/: a pooler stands before it$/),
        hint: expect.stringContaining('pgbouncer=true'),
      };
      await expect(use(through)).rejects.toMatchObject(told);
      await expect(createResultsReader(through).listExperiments()).rejects.toMatchObject(told);
      expect(refused).toContain('statement_timeout');
    } finally {
      close();
    }
  });

  test('migrations want the server itself', async () => {
    await expect(deployMigrations(`${scratch.url}?pgbouncer=true`)).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('ISTHMUS_MIGRATE_DATABASE_URL'),
    });
  });
});
