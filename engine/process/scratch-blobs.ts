/** A blob store that reads what another has and writes to a folder of its own: what is tried leaves no trace. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRef } from '../../experiment/records/records.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';

export function scratchBlobs(folder: string, behind: BlobStore): BlobStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = ({ digest }: ArtifactRef): string => join(folder, digest);
  return {
    async put(bytes) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      const ref = { digest, bytes: bytes.byteLength };
      writeFileSync(pathOf(ref), bytes);
      return ref;
    },
    async get(ref) {
      if (!existsSync(pathOf(ref))) return behind.get(ref);
      const bytes = readFileSync(pathOf(ref));
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (digest === ref.digest) return bytes;
      throw new Error(`${pathOf(ref)} has sha256 ${digest}`);
    },
    has: async (ref) => existsSync(pathOf(ref)) || behind.has(ref),
    putManifest: () => Promise.resolve(),
    getManifest: (run) => behind.getManifest(run),
  };
}
