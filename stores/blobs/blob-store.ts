/** Port: content-addressed immutable bytes and one manifest per run, as the engine reads and writes them. */
import type { ArtifactRef, RunManifest } from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';

export interface BlobStore {
  /** Stores the bytes, again if they are there already; the returned digest is their address. */
  put(bytes: Uint8Array): Promise<ArtifactRef>;
  /** Throws unless size and sha256 of what was read are those of the reference. */
  get(ref: ArtifactRef): Promise<Uint8Array>;
  has(ref: ArtifactRef): Promise<boolean>;
  putManifest(manifest: RunManifest): Promise<void>;
  getManifest(run: RunKey): Promise<RunManifest | null>;
}
