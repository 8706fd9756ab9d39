/** Blob store that reads from another and writes to a scratch folder. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRef } from '../../experiment/records/records.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';
import { sha256 } from '../../stores/sha256.js';

export function scratchBlobs(folder: string, behind: BlobStore): BlobStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const blobPath = ({ digest }: ArtifactRef): string => join(folder, digest);
  return {
    async put(bytes) {
      const digest = sha256(bytes);
      const ref = { digest, bytes: bytes.byteLength };
      writeFileSync(blobPath(ref), bytes);
      return ref;
    },
    async get(ref) {
      if (!existsSync(blobPath(ref))) return behind.get(ref);
      const bytes = readFileSync(blobPath(ref));
      const digest = sha256(bytes);
      if (digest === ref.digest) return bytes;
      throw new Error(`${blobPath(ref)} has sha256 ${digest}`);
    },
    has: async (ref) => existsSync(blobPath(ref)) || behind.has(ref),
    putManifest: () => Promise.resolve(),
    getManifest: (run) => behind.getManifest(run),
  };
}
