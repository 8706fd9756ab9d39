/** Finds the newest usable checkpoint of a run; lost or damaged ones are reported and never loaded. */
import { UserError } from '../../experiment/errors.js';
import type { CheckpointRef, Resumption } from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';
import { decodeCheckpoint, type SavedState } from './checkpoint-file.js';
import type { LocalCheckpoints } from './local-checkpoints.js';

export interface Found {
  readonly state: SavedState | null;
  readonly refused: Resumption['refused'];
}

/**
 * `saved` are those in the database. A copy on this machine that is newer than they serves as well: it is
 * whole in itself, and its bytes are checked like theirs. An object store that is away is no damage: it throws.
 */
export async function findCheckpoint(
  run: RunKey,
  saved: readonly CheckpointRef[],
  blobs: BlobStore,
  local: LocalCheckpoints,
): Promise<Found> {
  const refused: Resumption['refused'][number][] = [];
  const newestRow = saved[0]?.step ?? 0;
  const here = (await local.list(run)).filter(({ step }) => step > newestRow);
  const candidates = [
    ...here.map((ref) => ({ ref, read: () => local.read(run, ref) })),
    ...saved.map((ref) => ({ ref, read: () => blobs.get(ref.blob) })),
  ];
  for (const { ref, read } of candidates) {
    try {
      return { state: decodeCheckpoint(await read(), run, ref.step), refused };
    } catch (error) {
      if (error instanceof UserError && error.kind === 'dependency-down') throw error;
      const why = error instanceof Error ? error.message : String(error);
      refused.push({ step: ref.step, digest: ref.blob.digest, why });
    }
  }
  return { state: null, refused };
}
