// verify and gc against a real bucket and a real database of their own.
import { createHash, randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ArtifactRef } from '../../../experiment/records/records.js';
import { semanticVersions } from '../../../experiment/kinds/index.js';
import { loadSettings } from '../../../settings/settings.js';
import { blobKey } from '../../../stores/blobs/blob-keys.js';
import type { BucketAudit } from '../../../stores/blobs/bucket-audit.js';
import { createResultsStore } from '../../../stores/results/prisma-results-store.js';
import type { ResultsStore } from '../../../stores/results/results-store.js';
import { auditBucket } from '../../../stores/blobs/s3-audit.js';
import { createBlobStore } from '../../../stores/blobs/s3-blob-store.js';
import { connectS3 } from '../../../stores/blobs/s3-objects.js';
import { sweep } from '../../../stores/blobs/garbage.js';
import { verifyExperiment } from '../../../stores/blobs/verify.js';
import { planOf, runNamed } from '../../activities/plans.js';
import { stackEnv } from '../../stack.js';
import { environment } from '../results/plans.js';

const settings = loadSettings(stackEnv());
const Bucket = `audit-${randomBytes(6).toString('hex')}`;
const location = { ...settings.s3, bucket: Bucket };
const client = connectS3(location);
const blobs = createBlobStore(location);
let results: ResultsStore;
let bucket: BucketAudit;
const now = { graceMs: 0, dryRun: false };

beforeAll(async () => {
  await client.send(new CreateBucketCommand({ Bucket }));
  results = createResultsStore(settings.databaseUrl, { isStored: (ref) => blobs.has(ref) });
  bucket = auditBucket(location);
});
afterAll(async () => {
  await results.close();
  bucket.close();
  client.destroy();
});

const by = {
  worker: 'w',
  holder: 'h',
  experiment: null,
  leaseMs: 60_000,
  versions: semanticVersions,
  precisions: ['float32'] as const,
};

/** A run of its own experiment, claimed; what it leaves is committed by the caller. */
async function claimed() {
  const run = runNamed({ name: 'made' });
  const plan = planOf([run]);
  await results.registerExperiment(plan);
  const claim = await results.beginAttempt(run.key, by);
  if (claim.state !== 'claimed') throw new Error(claim.state);
  const commit = async (weights: ArtifactRef) => {
    const outputs = { weights };
    await results.completeRun(run.key, claim.epoch, { outputs, inputs: [], environment });
    await blobs.putManifest({ format: 'isthmus.run/1', run, inputs: [], outputs, environment });
  };
  return { plan, run, commit };
}

async function verdicts(experiment: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { verdict } of verifyExperiment({ results, blobs, bucket }, experiment)) {
    found.push(verdict);
  }
  return found;
}

const fresh = () => new Uint8Array(randomBytes(64));

test('verify finds what is there, what is gone, and what has other bytes', async () => {
  const { plan, run, commit } = await claimed();
  const ref = await blobs.put(fresh());
  await commit(ref);
  expect(await verdicts(plan.id)).toEqual(['ok', 'ok']);
  const Key = blobKey(ref.digest);
  await client.send(new PutObjectCommand({ Bucket, Key, Body: 'other' }));
  expect(await verdicts(plan.id)).toEqual(['wrong bytes', 'ok']);
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  const manifest = `runs/${run.key}/manifest.json`;
  await client.send(new PutObjectCommand({ Bucket, Key: manifest, Body: '{"format":' }));
  expect(await verdicts(plan.id)).toEqual(['missing', 'wrong bytes']);
  await client.send(new DeleteObjectCommand({ Bucket, Key: manifest }));
  expect(await verdicts(plan.id)).toEqual(['missing', 'missing']);
});

test('gc deletes what nothing names, spares what is named or young, and says so before it does', async () => {
  const { commit } = await claimed();
  const named = await blobs.put(fresh());
  await commit(named);
  const stray = await blobs.put(fresh());
  const upload = { Bucket, Key: `blobs/sha256/ab/${'c'.repeat(62)}` };
  await client.send(new CreateMultipartUploadCommand(upload));
  const open = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(await sweep({ bucket, results }, { graceMs: 3_600_000, dryRun: false })).toMatchObject({
    ...{ deleted: 0, abortedUploads: 0, young: 1 },
  });
  expect(await sweep({ bucket, results }, { graceMs: 0, dryRun: true })).toMatchObject({
    ...{ deleted: 1, abortedUploads: 1, deletedBytes: 64 },
  });
  expect([await blobs.has(stray), await open()]).toEqual([true, 1]);
  expect(await sweep({ bucket, results }, now)).toMatchObject({ deleted: 1, abortedUploads: 1 });
  expect([await blobs.has(stray), await blobs.has(named), await open()]).toEqual([false, true, 0]);
});

test('a blob that only a table of tomorrow names is spared', async () => {
  const db = new pg.Client({ connectionString: settings.databaseUrl });
  await db.connect();
  const kept = await blobs.put(fresh());
  try {
    await db.query('CREATE TABLE tomorrow (digest text PRIMARY KEY)');
    await db.query('INSERT INTO tomorrow VALUES ($1)', [kept.digest]);
    await sweep({ bucket, results }, { graceMs: -60_000, dryRun: false });
    expect(await blobs.has(kept)).toBe(true);
  } finally {
    await db.query('DROP TABLE IF EXISTS tomorrow');
    await db.end();
  }
  await sweep({ bucket, results }, { graceMs: -60_000, dryRun: false });
  expect(await blobs.has(kept)).toBe(false);
});

test('gc goes through more objects than one page lists', async () => {
  const strays = Array.from({ length: 1050 }, fresh);
  for (let start = 0; start < strays.length; start += 50) {
    await Promise.all(strays.slice(start, start + 50).map((bytes) => blobs.put(bytes)));
  }
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const report = await sweep({ bucket, results }, { graceMs: 0, dryRun: false });
  expect(report.deleted).toBeGreaterThanOrEqual(1050);
  expect((await sweep({ bucket, results }, now)).deleted).toBe(0);
}, 120_000);

test('a result whose blob was swept before its commit is refused, and stored again is taken', async () => {
  const { run, commit } = await claimed();
  const bytes = fresh();
  const ref = await blobs.put(bytes);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await sweep({ bucket, results }, now);
  await expect(commit(ref)).rejects.toThrow(/not in the object store any more/);
  expect((await results.findRuns([run.key]))[0]!.state).toBe('running');
  await blobs.put(bytes);
  await commit(ref);
  expect(await blobs.has(ref)).toBe(true);
});

test('storing a blob again makes it young', async () => {
  const bytes = fresh();
  const ref = await blobs.put(bytes);
  const before = await bucket.lastModified(blobKey(ref.digest));
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await blobs.put(bytes);
  const after = await bucket.lastModified(blobKey(ref.digest));
  expect(after!.getTime()).toBeGreaterThan(before!.getTime());
});

test('whatever the order of storing, committing and sweeping, what is named is there', async () => {
  const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const writer = fc.record({ blob: fc.nat(2), put: fc.nat(30), commit: fc.nat(30) });
  const sweeper = fc.nat(60);
  let refused = 0;
  const schedule = fc.asyncProperty(
    fc.array(writer, { minLength: 1, maxLength: 4 }),
    fc.array(sweeper, { minLength: 1, maxLength: 4 }),
    async (writers, sweepers) => {
      const shared = [fresh(), fresh(), fresh()];
      const committed: ArtifactRef[] = [];
      await Promise.all([
        ...writers.map(async ({ blob, put, commit: commitAfter }) => {
          const { commit } = await claimed();
          await wait(put);
          const ref = await blobs.put(shared[blob]!);
          await wait(commitAfter);
          try {
            await commit(ref);
            committed.push(ref);
          } catch (error) {
            if (!/not in the object store any more/.test(String(error))) throw error;
            refused++;
          }
        }),
        ...sweepers.map(async (after) => {
          await wait(after);
          await sweepAll(shared.map(digestOf));
        }),
      ]);
      for (const ref of committed) expect(await blobs.has(ref)).toBe(true);
    },
  );
  await fc.assert(schedule, { numRuns: Number(process.env['INTERLEAVINGS'] ?? 25), seed: 7 });
  expect(refused).toBeGreaterThan(0);
}, 600_000);

/** The dangerous part alone: ages are in whole seconds, and would spare everything here. */
async function sweepAll(digests: readonly string[]): Promise<void> {
  await results.sweepUnreferenced(digests, async (unreferenced) => {
    for (const digest of unreferenced) await bucket.remove(blobKey(digest));
  });
}
