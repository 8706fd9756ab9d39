/** Checkpoints that the object store has not taken yet: a bounded folder, each file named by what it holds. */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointRef } from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import { sha256 } from '../../stores/sha256.js';

export interface LocalCheckpoints {
  /** Whole or not at all, in place of those of the run that are here; the oldest of all make room. */
  keep(run: RunKey, ref: CheckpointRef, bytes: Uint8Array): Promise<void>;
  /** Throws when the bytes are not those that were kept. */
  read(run: RunKey, ref: CheckpointRef): Promise<Uint8Array>;
  /** Checkpoints of this run, newest first. */
  list(run: RunKey): Promise<readonly CheckpointRef[]>;
  remove(run: RunKey): Promise<void>;
}

const mostBytes = 8 * 2 ** 30;
const namePattern = /^([0-9a-f]{64})-(\d+)-(\d+)-([0-9a-f]{64})-(\d+)\.safetensors$/;

export function localCheckpoints(folder: string): LocalCheckpoints {
  const checkpointPath = (run: RunKey, ref: CheckpointRef): string =>
    join(folder, checkpointName(run, ref));
  const remove = async (run: RunKey, except?: string): Promise<void> => {
    for (const name of await namesIn(folder)) {
      if (name.startsWith(run) && name !== except) await rm(join(folder, name), { force: true });
    }
  };
  return {
    async keep(run, ref, bytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await prune(folder, mostBytes - bytes.byteLength);
      await writeWhole(checkpointPath(run, ref), bytes);
      await remove(run, checkpointName(run, ref));
    },
    async read(run, ref) {
      const bytes = await readFile(checkpointPath(run, ref));
      const digest = sha256(bytes);
      if (digest === ref.blob.digest) return bytes;
      throw new Error(`the local copy has sha256 ${digest} of ${bytes.byteLength} bytes`);
    },
    async list(run) {
      const found = (await namesIn(folder)).flatMap((name) => {
        const [, key, step, total, digest, bytes] = namePattern.exec(name) ?? [];
        if (key !== run) return [];
        const blob = { digest: digest!, bytes: Number(bytes) };
        return [{ step: Number(step), total: Number(total), blob }];
      });
      return found.sort((a, b) => b.step - a.step);
    },
    remove: (run) => remove(run),
  };
}

function checkpointName(run: RunKey, { step, total, blob }: CheckpointRef): string {
  return `${run}-${step}-${total}-${blob.digest}-${blob.bytes}.safetensors`;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.part`;
  try {
    const file = await open(draft, 'w', 0o600);
    await file
      .writeFile(bytes)
      .then(() => file.sync())
      .finally(() => file.close());
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes the oldest files first, including drafts of killed engines. */
async function prune(folder: string, room: number): Promise<void> {
  const files = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found) files.push({ path, bytes: found.size, written: found.mtimeMs });
  }
  files.sort((a, b) => b.written - a.written);
  let kept = 0;
  for (const { path, bytes } of files) {
    kept += bytes;
    if (kept > room) await rm(path, { force: true });
  }
}
