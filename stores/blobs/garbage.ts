/**
 * Removes blobs that no row names (docs/concepts/garbage-collection.md). Old ones only, by the bucket's own clock,
 * and marked, so that no commit can name them meanwhile; one that comes later finds them gone and is refused.
 */
import { UserError } from '../../experiment/errors.js';
import { blobKey, blobPrefix, digestOfKey } from './blob-keys.js';
import type { BucketAudit, ListedObject } from './bucket-audit.js';
import type { ResultsStore } from '../results/results-store.js';

export interface SweepOptions {
  readonly graceMs: number;
  readonly dryRun: boolean;
}

export interface SweepReport {
  readonly blobs: number;
  readonly referenced: number;
  /** Named by nothing, but younger than the grace period: a run may be about to name them. */
  readonly young: number;
  /** Deleted; in a dry run, what would be. */
  readonly deleted: number;
  readonly deletedBytes: number;
  readonly abortedUploads: number;
}

export interface SweepParts {
  readonly bucket: BucketAudit;
  readonly results: Pick<ResultsStore, 'sweepUnreferenced' | 'unreferencedAmong'>;
}

/** Only a commit that names one of these waits for as long as they take. */
const blobsAtOnce = 100;

export async function sweep(parts: SweepParts, options: SweepOptions): Promise<SweepReport> {
  const before = new Date((await parts.bucket.now()).getTime() - options.graceMs);
  const report = { blobs: 0, referenced: 0, young: 0, deleted: 0, deletedBytes: 0 };
  for await (const page of parts.bucket.list(blobPrefix)) {
    const blobs = page.filter(({ key }) => digestOfKey(key) !== null);
    for (let start = 0; start < blobs.length; start += blobsAtOnce) {
      const some = blobs.slice(start, start + blobsAtOnce);
      const swept = await sweepSome(parts, options, some, before);
      for (const name of Object.keys(swept) as (keyof typeof swept)[]) report[name] += swept[name];
    }
  }
  return { ...report, abortedUploads: await abortUploads(parts.bucket, options, before) };
}

async function sweepSome(
  { bucket, results }: SweepParts,
  { dryRun }: SweepOptions,
  blobs: readonly ListedObject[],
  before: Date,
) {
  const byDigest = new Map(blobs.map((blob) => [digestOfKey(blob.key)!, blob]));
  const unreferenced = await results.unreferencedAmong([...byDigest.keys()]);
  const old = unreferenced.filter((digest) => byDigest.get(digest)!.lastModified <= before);
  const remove = (marked: readonly string[], signal: AbortSignal): Promise<readonly string[]> =>
    removeOld(bucket, marked, before, signal);
  const deleted = dryRun || old.length === 0 ? old : await results.sweepUnreferenced(old, remove);
  return {
    blobs: blobs.length,
    referenced: blobs.length - unreferenced.length,
    young: unreferenced.length - deleted.length,
    deleted: deleted.length,
    deletedBytes: deleted.reduce((sum, digest) => sum + byDigest.get(digest)!.bytes, 0),
  };
}

/** Whoever stores the same bytes again makes a blob young: its age is asked once more. */
async function removeOld(
  bucket: BucketAudit,
  digests: readonly string[],
  before: Date,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const digest of digests) {
    const key = blobKey(digest);
    const now = await bucket.lastModified(key);
    if (now === null || now > before) continue;
    if (signal.aborted) {
      const message = `the object store took too long to delete ${digests.length} blobs`;
      throw new UserError('dependency-down', message, { hint: 'run gc again' });
    }
    await bucket.remove(key, signal);
    deleted.push(digest);
  }
  return deleted;
}

async function abortUploads(
  bucket: BucketAudit,
  { dryRun }: SweepOptions,
  before: Date,
): Promise<number> {
  let aborted = 0;
  for await (const uploads of bucket.unfinishedUploads(blobPrefix)) {
    for (const upload of uploads.filter(({ begunAt }) => begunAt <= before)) {
      if (!dryRun) await bucket.abort(upload);
      aborted++;
    }
  }
  return aborted;
}
