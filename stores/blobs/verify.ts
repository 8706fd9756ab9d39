/** Reads every blob and manifest of an experiment again and reports missing or changed ones. */
import type { ArtifactRef } from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import { blobKey, manifestKey } from './blob-keys.js';
import type { BlobStore } from './blob-store.js';
import type { BucketAudit } from './bucket-audit.js';
import { UserError } from '../../experiment/errors.js';
import type { ResultsStore, RunRow } from '../results/results-store.js';

type Verdict = 'ok' | 'missing' | 'wrong bytes';

export interface VerifiedObject {
  readonly key: string;
  readonly verdict: Verdict;
  readonly bytes: number;
  /** Runs that refer to it, by name and role. */
  readonly namedBy: readonly string[];
  /** Actual digest or size. */
  readonly found: string | null;
}

export interface VerifyParts {
  readonly results: Pick<ResultsStore, 'referencesOf' | 'runsOf'>;
  readonly blobs: Pick<BlobStore, 'getManifest'>;
  readonly bucket: Pick<BucketAudit, 'hash'>;
}

export async function* verifyExperiment(
  { results, blobs, bucket }: VerifyParts,
  experiment: string,
): AsyncIterable<VerifiedObject> {
  const named = new Map<string, { readonly ref: ArtifactRef; readonly namedBy: string[] }>();
  for (const { ref, runName, kind, name } of await results.referencesOf(experiment)) {
    const entry = named.get(ref.digest) ?? { ref, namedBy: [] };
    entry.namedBy.push(`${runName} ${kind} ${name}`);
    named.set(ref.digest, entry);
  }
  for (const { ref, namedBy } of named.values()) {
    const key = blobKey(ref.digest);
    const found = await bucket.hash(key);
    yield { key, namedBy, bytes: ref.bytes, ...judge(ref, found) };
  }
  for (const row of await results.runsOf(experiment)) {
    if (row.state === 'done' && row.run.queue === 'gpu') yield verifyManifest(blobs, row);
  }
}

function judge(ref: ArtifactRef, found: ArtifactRef | null) {
  if (found === null) return { verdict: 'missing', found: null } as const;
  if (found.digest === ref.digest && found.bytes === ref.bytes) {
    return { verdict: 'ok', found: null } as const;
  }
  return {
    verdict: 'wrong bytes',
    found: `sha256 ${found.digest} of ${found.bytes} bytes`,
  } as const;
}

/** The database holds no digest of a manifest, but everything that it must say. */
async function verifyManifest(
  blobs: Pick<BlobStore, 'getManifest'>,
  { run, outputs }: RunRow,
): Promise<VerifiedObject> {
  const about = { key: manifestKey(run.key), namedBy: [run.name], bytes: 0 };
  const said = await readManifest(blobs, run.key);
  if (said === null) return { ...about, verdict: 'missing', found: null };
  if (typeof said === 'string') return { ...about, verdict: 'wrong bytes', found: said };
  const [names, others] = [listed(outputs), listed(said.outputs)];
  if (names === others) return { ...about, verdict: 'ok', found: null };
  return { ...about, verdict: 'wrong bytes', found: `a manifest of other outputs: ${others}` };
}

/** A text says why it cannot be read. */
async function readManifest(blobs: Pick<BlobStore, 'getManifest'>, key: RunKey) {
  try {
    return await blobs.getManifest(key);
  } catch (error) {
    if (error instanceof UserError && error.kind === 'failed') return error.message;
    throw error;
  }
}

function listed(outputs: RunRow['outputs']): string {
  return Object.entries(outputs)
    .map(([name, { digest, bytes }]) => `${name} ${digest} ${bytes}`)
    .sort()
    .join(', ');
}
