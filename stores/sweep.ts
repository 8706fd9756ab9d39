/**
 * Removes blobs that no row names (docs/reliability.md, "What gc may delete"). Old ones only, by the bucket's own clock,
 * and only while no commit can name them; a commit that comes later finds them gone and is refused.
 */
import { blobPrefix, digestOfKey } from './blob-keys.js';
import type { BucketAudit, ListedObject } from './bucket-audit.js';
import type { ResultsStore } from './results-store.js';

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
  readonly results: Pick<ResultsStore, 'sweepUnreferenced'>;
}

/** Commits wait for as long as one of these takes. */
const blobsPerLock = 100;

export async function sweep(parts: SweepParts, options: SweepOptions): Promise<SweepReport> {
  const before = new Date((await parts.bucket.now()).getTime() - options.graceMs);
  const report = { blobs: 0, referenced: 0, young: 0, deleted: 0, deletedBytes: 0 };
  for await (const page of parts.bucket.list(blobPrefix)) {
    const blobs = page.filter(({ key }) => digestOfKey(key) !== null);
    for (let start = 0; start < blobs.length; start += blobsPerLock) {
      const some = blobs.slice(start, start + blobsPerLock);
      const swept = await sweepSome(parts, options, some, before);
      for (const name of Object.keys(swept) as (keyof typeof swept)[]) report[name] += swept[name];
    }
  }
  return { ...report, abortedUploads: await abortUploads(parts.bucket, options, before) };
}

function sweepSome(
  { bucket, results }: SweepParts,
  { dryRun }: SweepOptions,
  blobs: readonly ListedObject[],
  before: Date,
) {
  const byDigest = new Map(blobs.map((blob) => [digestOfKey(blob.key)!, blob]));
  return results.sweepUnreferenced([...byDigest.keys()], async (unreferenced) => {
    let [deleted, deletedBytes] = [0, 0];
    for (const digest of unreferenced) {
      const { key, bytes, lastModified } = byDigest.get(digest)!;
      if (lastModified > before) continue;
      // Whoever stores the same bytes again makes the blob young.
      const now = dryRun ? lastModified : await bucket.lastModified(key);
      if (now === null || now > before) continue;
      if (!dryRun) await bucket.remove(key);
      deleted++;
      deletedBytes += bytes;
    }
    const referenced = blobs.length - unreferenced.length;
    const young = unreferenced.length - deleted;
    return { blobs: blobs.length, referenced, young, deleted, deletedBytes };
  });
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
