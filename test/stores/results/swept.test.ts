/** A commit beside a sweep of the same blob: in every order what is named is there; and neither holds up the database. */
import { randomBytes } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArtifactRef } from '../../../experiment/records/records.js';
import { loadSettings } from '../../../settings/settings.js';
import { blobKey } from '../../../stores/blobs/blob-keys.js';
import type { BucketAudit } from '../../../stores/blobs/bucket-audit.js';
import { createResultsStore } from '../../../stores/results/prisma-results-store.js';
import type { ResultsStore } from '../../../stores/results/results-store.js';
import type { IsStored } from '../../../stores/results/swept.js';
import { auditBucket } from '../../../stores/blobs/s3-audit.js';
import { createBlobStore } from '../../../stores/blobs/s3-blob-store.js';
import { connectS3 } from '../../../stores/blobs/s3-objects.js';
import { s3Proxy, type S3Proxy } from '../../chaos/s3-proxy.js';
import { stackEnv } from '../../stack.js';
import { environment } from './plans.js';
import { createScratchStore, type ScratchStore } from './scratch-store.js';

const { s3 } = loadSettings(stackEnv());
const location = { ...s3, bucket: `swept-${randomBytes(6).toString('hex')}` };
const blobs = createBlobStore(location);
let bucket: BucketAudit;
let scratch: ScratchStore;
let proxy: S3Proxy;

beforeAll(async () => {
  const client = connectS3(location);
  await client.send(new CreateBucketCommand({ Bucket: location.bucket }));
  client.destroy();
  bucket = auditBucket(location);
  scratch = await createScratchStore();
  proxy = await s3Proxy(s3.endpoint!);
});
afterAll(async () => {
  bucket.close();
  await proxy.close();
  await scratch.close();
});

let seed = 20_000;

/** A run of its own that is at work, and its commit with this blob. */
async function attempt(results: ResultsStore, ref: ArtifactRef) {
  const key = await scratch.freshRun(seed++);
  const epoch = await scratch.claim(key);
  const outputs = { weights: ref };
  return () => results.completeRun(key, epoch, { outputs, inputs: [], environment });
}

async function withStore<T>(isStored: IsStored, use: (store: ResultsStore) => Promise<T>) {
  const store = createResultsStore(scratch.url, { isStored });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

const fresh = () => new Uint8Array(randomBytes(64));
const soon = (ms: number) => new Promise<'waits'>((resolve) => setTimeout(resolve, ms, 'waits'));

/** Stops whoever comes to it until the schedule lets it go on. */
function turnstile() {
  const waiting: (() => void)[] = [];
  let passes = 0;
  return {
    pass: () =>
      new Promise<void>((resolve) => {
        if (passes > 0) {
          passes--;
          resolve();
        } else waiting.push(resolve);
      }),
    open() {
      const next = waiting.shift();
      if (next) next();
      else passes++;
    },
  };
}

/** Every way to merge two sequences of so many steps. */
function merges(a: number, b: number): string[] {
  if (a === 0) return ['s'.repeat(b)];
  if (b === 0) return ['c'.repeat(a)];
  return [
    ...merges(a - 1, b).map((rest) => `c${rest}`),
    ...merges(a, b - 1).map((rest) => `s${rest}`),
  ];
}

/**
 * Steps of the commit: store the blob again, begin, look it up, write the rows. Of the sweep: mark, delete, close. One
 * that has to wait for the other goes on when it can.
 */
async function interleave(schedule: string) {
  const [commits, sweeps] = [turnstile(), turnstile()];
  const bytes = fresh();
  const ref = await blobs.put(bytes);
  const isStored: IsStored = async (asked) => {
    await commits.pass();
    const found = await blobs.has(asked);
    await commits.pass();
    return found;
  };
  return withStore(isStored, async (store) => {
    const commit = await attempt(store, ref);
    const writer = async (): Promise<'committed' | 'refused'> => {
      await commits.pass();
      await blobs.put(bytes);
      await commits.pass();
      return commit().then(
        () => 'committed',
        (error: unknown) => {
          if (!/not in the object store any more/.test(String(error))) throw error;
          return 'refused';
        },
      );
    };
    const sweeper = async (): Promise<void> => {
      await sweeps.pass();
      await store.sweepUnreferenced([ref.digest], async (marked) => {
        await sweeps.pass();
        for (const digest of marked) await bucket.remove(blobKey(digest));
        await sweeps.pass();
      });
    };
    const both = Promise.all([writer(), sweeper()]);
    for (const step of schedule) {
      (step === 'c' ? commits : sweeps).open();
      await soon(40);
    }
    // A commit that found a mark looks the blob up once more.
    for (let more = 0; more < 8; more++) commits.open();
    const [outcome] = await both;
    return { outcome, there: await blobs.has(ref) };
  });
}

describe('a commit and a sweep of the same blob', () => {
  test('leave what is named in the bucket, whatever the order of their steps', async () => {
    const seen = new Set<string>();
    for (const schedule of merges(4, 3)) {
      const { outcome, there } = await interleave(schedule);
      expect([schedule, outcome, outcome === 'committed' ? there : true]).toEqual([
        ...[schedule, outcome, true],
      ]);
      seen.add(outcome);
    }
    expect([...seen].sort()).toEqual(['committed', 'refused']);
  }, 300_000);

  test('wait for each other where one writes rows and the other asks who is named', async () => {
    const ref = await blobs.put(fresh());
    await withStore(
      (asked) => blobs.has(asked),
      async (store) => {
        const key = await scratch.freshRun(seed++);
        const epoch = await scratch.claim(key);
        const other = new pg.Client({ connectionString: scratch.url });
        await other.connect();
        await other.query('BEGIN');
        await other.query('SELECT FROM run WHERE key = $1 FOR UPDATE', [key]);
        const outputs = { weights: ref };
        const commit = store.completeRun(key, epoch, { outputs, inputs: [], environment });
        await soon(500);
        const marked = store.sweepUnreferenced([ref.digest], (found) => Promise.resolve(found));
        await soon(500);
        await other.query('COMMIT');
        await other.end();
        await commit;
        expect(await marked).toEqual([]);
      },
    );
  });

  test('of two sweeps one has a blob to itself until it has ended', async () => {
    const ref = await blobs.put(fresh());
    await withStore(
      (asked) => blobs.has(asked),
      async (store) => {
        const first = turnstile();
        const one = store.sweepUnreferenced([ref.digest], async (marked) => {
          await first.pass();
          return marked;
        });
        await soon(300);
        expect(await store.sweepUnreferenced([ref.digest], (m) => Promise.resolve(m))).toEqual([]);
        first.open();
        expect(await one).toEqual([ref.digest]);
        const again = await store.sweepUnreferenced([ref.digest], (m) => Promise.resolve(m));
        expect(again).toEqual([ref.digest]);
      },
    );
  });

  test('a sweep that died holds a commit up until its marks have run out, not longer', async () => {
    const ref = await blobs.put(fresh());
    await withStore(
      (asked) => blobs.has(asked),
      async (store) => {
        const died = store.sweepUnreferenced([ref.digest], () => Promise.reject(new Error('died')));
        await expect(died).rejects.toThrow('died');
        const commit = (await attempt(store, ref))();
        expect(await Promise.race([commit, soon(600)])).toBe('waits');
        await scratch.sql.query('UPDATE swept SET open_until = now() WHERE blob = $1', [
          ref.digest,
        ]);
        await commit;
      },
    );
  });
});

describe('a bucket that is slow', () => {
  test('keeps no lock and no transaction of a commit or of a sweep', async () => {
    const slow = createBlobStore({ ...location, endpoint: proxy.endpoint });
    const [ref, stray] = [await blobs.put(fresh()), await blobs.put(fresh())];
    proxy.fault((line) => (line.startsWith('HEAD') ? { type: 'delay', ms: 4000 } : null));
    await withStore(
      (asked) => slow.has(asked),
      async (store) => {
        const commit = (await attempt(store, ref))();
        const deletion = turnstile();
        const sweep = store.sweepUnreferenced([stray.digest], () => deletion.pass());
        await soon(1500);
        expect(await heldByOthers()).toEqual({ locks: [], transactions: 0 });
        const other = await attempt(scratch.store, ref);
        await other();
        const quick = store.sweepUnreferenced([ref.digest], (marked) => Promise.resolve(marked));
        expect(await quick).toEqual([]);
        deletion.open();
        await sweep;
        await commit;
      },
    );
    proxy.fault(null);
  });

  /** Locks that other connections hold in this database. */
  async function heldByOthers() {
    const others = 'pid <> pg_backend_pid() AND datname = current_database()';
    const locks = await scratch.sql.query(
      `SELECT locktype, mode FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE ${others} AND locktype IN ('relation', 'advisory', 'tuple', 'transactionid')`,
    );
    const open = await scratch.sql.query(
      `SELECT pid FROM pg_stat_activity WHERE ${others} AND xact_start IS NOT NULL`,
    );
    return { locks: locks.rows, transactions: open.rows.length };
  }
});

describe('a role that may only read', () => {
  const role = `reader_${randomBytes(6).toString('hex')}`;
  let reader: pg.Client;

  beforeAll(async () => {
    const { sql, url } = scratch;
    await sql.query(`CREATE ROLE ${role} LOGIN PASSWORD 'reads'`);
    await sql.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
    const own = new URL(url);
    own.username = role;
    own.password = 'reads';
    reader = new pg.Client({ connectionString: own.href });
    await reader.connect();
  });
  afterAll(async () => {
    await reader.end();
    await scratch.sql.query(`DROP OWNED BY ${role}`);
    await scratch.sql.query(`DROP ROLE ${role}`);
  });

  test('holds up neither a commit nor a sweep with any lock that it is given', async () => {
    const { rows } = await reader.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    // The number of the lock that commits took once.
    await reader.query('SELECT pg_advisory_lock(7346223501)');
    await reader.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    for (const { name } of rows) {
      await reader.query(`SELECT count(*) FROM ${name}`);
      await reader.query(`LOCK TABLE ${name} IN ACCESS SHARE MODE`);
    }
    const [ref, stray] = [await blobs.put(fresh()), await blobs.put(fresh())];
    await withStore(
      (asked) => blobs.has(asked),
      async (store) => {
        const commit = await attempt(store, ref);
        const work = Promise.all([
          commit(),
          store.sweepUnreferenced([stray.digest], (marked) => Promise.resolve(marked)),
        ]);
        expect(await Promise.race([work, soon(15_000)])).toEqual([undefined, [stray.digest]]);
      },
    );
    await reader.query('ROLLBACK');
  });

  test.each([
    'LOCK TABLE swept IN ROW EXCLUSIVE MODE',
    'LOCK TABLE swept IN SHARE ROW EXCLUSIVE MODE',
    'LOCK TABLE run IN ACCESS EXCLUSIVE MODE',
    'SELECT FROM swept FOR SHARE',
    'SELECT FROM run FOR UPDATE',
    'SELECT FROM experiment FOR KEY SHARE',
  ])('is refused %s', async (statement) => {
    await reader.query('BEGIN');
    await expect(reader.query(statement)).rejects.toThrow(/permission denied/);
    await reader.query('ROLLBACK');
  });
});
