/** The blob store in an S3 bucket: every blob under its sha256, which is checked on every read. */
import { UserError } from '../../experiment/errors.js';
import type { ArtifactRef } from '../../experiment/records/records.js';
import { blobKey, manifestKey } from './blob-keys.js';
import type { BlobStore } from './blob-store.js';
import { decodeManifest, encodeManifest } from './manifest.js';
import { TooLargeError, type Objects } from './objects.js';
import type { S3Location } from './s3-objects.js';
import { sha256 } from '../sha256.js';

const maxManifestBytes = 16 * 1024 * 1024;

/** Loads the SDK with the first call. */
export function createBlobStore(location: S3Location): BlobStore {
  let connected: Promise<Objects> | undefined;
  const objects = (): Promise<Objects> =>
    (connected ??= import('./s3-objects.js').then(({ s3Objects }) => s3Objects(location)));
  return {
    put: async (bytes) => putBlob(await objects(), bytes),
    get: async (ref) => getBlob(await objects(), ref),
    has: async (ref) => (await (await objects()).head(blobKey(ref.digest)))?.bytes === ref.bytes,
    async putManifest(manifest) {
      const bytes = encodeManifest(manifest);
      await (await objects()).put(manifestKey(manifest.run.key), bytes, sha256(bytes));
    },
    getManifest: async (run) => getManifest(await objects(), run),
  };
}

/** Written even if it is there: that mends what was damaged, and makes an old blob young to a sweep. */
async function putBlob(objects: Objects, bytes: Uint8Array): Promise<ArtifactRef> {
  const ref = { digest: sha256(bytes), bytes: bytes.byteLength };
  await objects.put(blobKey(ref.digest), bytes, ref.digest);
  return ref;
}

async function getBlob(objects: Objects, ref: ArtifactRef): Promise<Uint8Array> {
  const key = blobKey(ref.digest);
  const expected = `sha256 ${ref.digest} of ${ref.bytes} bytes`;
  const refuse = (found: string): never => {
    throw new UserError(
      'failed',
      `${objects.describe(key)}: expected ${expected}, found ${found}`,
      {
        hint: 'the blob is lost or damaged: delete the object if there is one, and compute its run again',
      },
    );
  };
  const bytes = await objects.get(key, ref.bytes).catch((error: unknown) => {
    if (error instanceof TooLargeError) return refuse(`${error.bytes} bytes`);
    throw error;
  });
  if (bytes === null) return refuse('nothing');
  const digest = sha256(bytes);
  if (digest !== ref.digest || bytes.byteLength !== ref.bytes) {
    return refuse(`sha256 ${digest} of ${bytes.byteLength} bytes`);
  }
  return bytes;
}

async function getManifest(objects: Objects, run: string): ReturnType<BlobStore['getManifest']> {
  const key = manifestKey(run);
  const bytes = await objects.get(key, maxManifestBytes);
  if (bytes === null) return null;
  try {
    const manifest = decodeManifest(bytes);
    if (manifest.run.key !== run) throw new Error(`it is that of run ${manifest.run.key}`);
    return manifest;
  } catch (cause) {
    throw new UserError('failed', `${objects.describe(key)} is no manifest of this run`, { cause });
  }
}
