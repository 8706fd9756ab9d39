// Checkpoints that wait on disk for an object store which is away: the newest is always there, whatever overlaps.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { CheckpointRef } from '../../../experiment/records/records.js';
import { localCheckpoints } from '../../../engine/process/local-checkpoints.js';
import { createUploads } from '../../../engine/process/upload-checkpoints.js';

const run = 'a'.repeat(64);
const folder = mkdtempSync(join(tmpdir(), 'isthmus-uploads-'));
const local = localCheckpoints(folder);
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Fails, or takes, as the answers say; afterwards as the last of them. */
function uploads(answers: boolean[]) {
  return createUploads({
    async put(bytes) {
      await turn();
      const taken = answers.length > 1 ? answers.shift() : answers[0];
      if (!taken) throw new Error('away');
      return { digest: String(bytes.length), bytes: bytes.length };
    },
    keep: (ref, bytes) => local.keep(run, ref, bytes),
    read: (ref) => local.read(run, ref),
    forget: () => local.remove(run),
    uploaded: () => undefined,
    delayed: () => undefined,
  });
}

const checkpoint = (step: number): CheckpointRef => ({
  ...{ step, total: 1000 },
  blob: { digest: step.toString(16).padStart(64, '0'), bytes: 1 },
});

const steps = async () => (await local.list(run)).map(({ step }) => step);

test('of checkpoints offered faster than copies are written, the last one is kept', async () => {
  for (let round = 0; round < 40; round++) {
    const offered = uploads([false]);
    for (let step = 1; step <= 8; step++) {
      offered.offer(checkpoint(step), new Uint8Array(1 + round), 0);
      for (let i = 0; i < round % 7; i++) await turn();
    }
    await offered.drain(5);
    expect(await steps()).toEqual([8]);
  }
});

test('a checkpoint offered while the copies of one that was taken are removed is not removed with them', async () => {
  for (let round = 0; round < 40; round++) {
    const offered = uploads([false, true, false]);
    for (let step = 1; step <= 8; step++) {
      offered.offer(checkpoint(step), new Uint8Array(1), 0);
      for (let i = 0; i < round % 9; i++) await turn();
    }
    await offered.drain(5);
    expect(await steps()).toEqual([8]);
  }
});
