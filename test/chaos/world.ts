/** One database, bucket and namespace of the running stack for many schedules, with fault proxies before them. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { generatedDir } from '../../settings/paths.js';
import { loadSettings } from '../../settings/settings.js';
import type { BucketAudit } from '../../stores/blobs/bucket-audit.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';
import { ensureBucket } from '../../stores/blobs/bucket.js';
import { deployMigrations } from '../../stores/database/migrations.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import type { ResultsStore } from '../../stores/results/results-store.js';
import { auditBucket } from '../../stores/blobs/s3-audit.js';
import { createBlobStore } from '../../stores/blobs/s3-blob-store.js';
import { createNamespace } from '../namespace.js';
import { databaseProxy, type DatabaseProxy } from './database-proxy.js';
import { marked, markVariable, signalAll, startWorker, type LiveWorker } from './processes.js';
import { s3Proxy, type S3Proxy } from './s3-proxy.js';

export interface World {
  readonly s3: S3Proxy;
  readonly database: DatabaseProxy;
  readonly client: Client;
  /** These go past the proxies. */
  readonly results: ResultsStore;
  readonly blobs: BlobStore;
  readonly bucket: BucketAudit;
  readonly query: (sql: string) => Promise<readonly Record<string, unknown>[]>;
  readonly workers: LiveWorker[];
  /** Resolves when it polls. */
  addWorker(): Promise<LiveWorker>;
  /** Ends every worker but the first that lives, and starts one where none does. */
  settleWorkers(): Promise<void>;
  /** Processes that no live worker accounts for. */
  strays(): readonly number[];
  /** Empty tables, empty bucket. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function createWorld(stack: Readonly<Record<string, string>>): Promise<World> {
  const settings = loadSettings(stack);
  const name = `chaos_${process.pid}_${randomBytes(3).toString('hex')}`;
  const folder = join(generatedDir, 'test', name);
  mkdirSync(folder, { recursive: true });
  const databaseUrl = await createDatabase(settings.databaseUrl, name);
  const location = { ...settings.s3, bucket: name.replaceAll('_', '-') };
  await ensureBucket(location);
  const s3 = await s3Proxy(location.endpoint!);
  const database = await databaseProxy(databaseUrl);
  const connection = await Connection.connect({ address: settings.temporal.address });
  await createNamespace(connection, name);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  const bucket = auditBucket(location);
  const results = createResultsStore(databaseUrl);
  const workers: LiveWorker[] = [];
  const env = {
    ...stack,
    [markVariable]: name,
    ...{ DATABASE_URL: database.url, ISTHMUS_S3_ENDPOINT: s3.endpoint },
    ...{ ISTHMUS_S3_BUCKET: location.bucket, AWS_REGION: location.region ?? '' },
    AWS_ACCESS_KEY_ID: location.accessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: location.secretAccessKey ?? '',
    ...{ TEMPORAL_ADDRESS: settings.temporal.address, TEMPORAL_NAMESPACE: name },
    ...{ ISTHMUS_SLOTS: '1', ISTHMUS_THREADS_PER_SLOT: '1' },
    ...{ TF_CPP_MIN_LOG_LEVEL: '3', CHAOS_FOLDER: folder },
  };
  const world: World = {
    ...{ s3, database, results, bucket, workers },
    blobs: createBlobStore(location),
    client: new Client({ connection, namespace: name }),
    query: async (sql) => (await pool.query<Record<string, unknown>>(sql)).rows,
    async addWorker() {
      const worker = startWorker(env, join(folder, `worker-${workers.length}`));
      workers.push(worker);
      await worker.ready();
      return worker;
    },
    async settleWorkers() {
      const alive = workers.filter((worker) => worker.alive());
      for (const worker of alive) worker.signal('SIGCONT');
      await Promise.all(alive.slice(1).map(endWorker));
      if (alive.length === 0) await world.addWorker();
    },
    strays() {
      const known = workers
        .filter((worker) => worker.alive())
        .flatMap((worker) => [worker.pid, ...worker.engines()]);
      return marked(name).filter((pid) => !known.includes(pid));
    },
    async reset() {
      await pool.query(`
        DO $$ DECLARE names text; BEGIN
          SELECT string_agg(quote_ident(tablename), ', ') INTO names
          FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations';
          EXECUTE 'TRUNCATE ' || names || ' CASCADE';
        END $$`);
      for await (const page of bucket.list('')) {
        await Promise.all(page.map(({ key }) => bucket.remove(key)));
      }
    },
    async close() {
      await Promise.all(workers.filter((worker) => worker.alive()).map(endWorker));
      signalAll(marked(name), 'SIGKILL');
      await results.close();
      bucket.close();
      await connection.close();
      await pool.end();
      await database.close();
      await s3.close();
      await dropDatabase(settings.databaseUrl, name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

async function endWorker(worker: LiveWorker): Promise<void> {
  worker.signal('SIGCONT');
  worker.signal('SIGTERM');
  const kill = setTimeout(() => worker.signal('SIGKILL'), 25_000);
  await worker.ended;
  clearTimeout(kill);
}

async function createDatabase(server: string, name: string): Promise<string> {
  await asServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await deployMigrations(url.href);
  return url.href;
}

function dropDatabase(server: string, name: string): Promise<void> {
  return asServer(server, `DROP DATABASE ${name} WITH (FORCE)`);
}

async function asServer(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
