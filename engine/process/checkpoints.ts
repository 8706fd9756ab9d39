/** Checkpoint policy of a job: when to save, where to upload, what to restore. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Checkpoints, NamedTensors } from '../toolkit/context.js';
import { machineText } from '../../experiment/records/machine.js';
import type { EngineJob, EngineMessage, Environment } from '../../experiment/records/records.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';
import { encodeCheckpoint } from './checkpoint-file.js';
import type { LocalCheckpoints } from './local-checkpoints.js';
import { findCheckpoint } from './restore-checkpoint.js';
import { createUploads, type Uploads } from './upload-checkpoints.js';
import { sha256 } from '../../stores/sha256.js';

export interface CheckpointParts {
  readonly blobs: BlobStore;
  readonly local: LocalCheckpoints;
  readonly environment: Environment;
  readonly nowMs: () => number;
  readonly tell: (message: EngineMessage) => void;
}

export interface JobCheckpoints extends Checkpoints {
  /** How the machines that computed the first part of the run differ from this one; null: none did. */
  otherMachine(): string | null;
  /** Saves the state that was reached last, if that is due, and lets what is on its way come forward. */
  paused(): Promise<void>;
  /** Saves it in any case; resolves when it is safe, in the object store or else on this machine. */
  stopping(): Promise<void>;
  /** The run has its result: nothing that was saved is needed any more. */
  done(): Promise<void>;
  /** It has failed: what was saved stays. */
  failed(): void;
}

interface Reached {
  readonly step: number;
  readonly total: number;
  readonly read: () => NamedTensors;
}

/**
 * Native code blocks the event loop between two pauses, and an upload with it: so much of that time each
 * pause gives to one that is on its way, and not less than a few turns.
 */
const uploadShare = 0.1;
const leastUploadMs = 2;
/** The worker waits 10 s for an engine to stop. */
const stopWithinMs = 6000;

export function jobCheckpoints(parts: CheckpointParts, job: EngineJob): JobCheckpoints {
  const { policy = null, saved = [] } = job.checkpointing ?? {};
  const { key } = job.run;
  const machine = machineText(parts.environment);
  let machines = [machine];
  const uploads = createJobUploads(parts, key);
  let reached: Reached | null = null;
  let lastStep = 0;
  let lastAtMs = parts.nowMs();
  let pausedAtMs = lastAtMs;

  function save({ step, total, read }: Reached): void {
    const state = { run: key, step, machine: machines.join('\n'), tensors: read() };
    const bytes = encodeCheckpoint(state);
    const digest = sha256(bytes);
    uploads.offer({ step, total, blob: { digest, bytes: bytes.byteLength } }, bytes, parts.nowMs());
    lastStep = step;
    lastAtMs = parts.nowMs();
  }

  function isDue({ step }: Reached): boolean {
    if (policy === null || step <= lastStep) return false;
    const { everySteps = Infinity, everySeconds } = policy;
    return step - lastStep >= everySteps || parts.nowMs() - lastAtMs >= 1000 * everySeconds;
  }

  return {
    otherMachine: () => describeOthers(machines, machine),
    async restore() {
      if (policy === null) return null;
      const { state, refused } = await findCheckpoint(key, saved, parts.blobs, parts.local);
      lastStep = state?.step ?? 0;
      machines = [...new Set([...(state?.machine.split('\n') ?? []), machine])];
      const otherMachine = describeOthers(machines, machine);
      if (state || refused.length > 0) {
        parts.tell({ type: 'resumed', resumption: { step: lastStep, refused, otherMachine } });
      }
      return state;
    },
    reached(step, total, read) {
      reached = { step, total, read };
    },
    async paused() {
      if (reached && isDue(reached) && uploads.idle(parts.nowMs())) save(reached);
      const moving = uploads.moving(parts.nowMs());
      const sinceMs = parts.nowMs() - pausedAtMs;
      if (moving) await atMost(Math.max(leastUploadMs, uploadShare * sinceMs), moving);
      pausedAtMs = parts.nowMs();
    },
    async stopping() {
      if (policy !== null && reached && reached.step > lastStep) save(reached);
      await uploads.drain(stopWithinMs);
    },
    async done() {
      uploads.abandon();
      if (policy !== null) await parts.local.remove(key);
    },
    failed: () => uploads.abandon(),
  };
}

function describeOthers(machines: readonly string[], own: string): string | null {
  const others = machines.filter((one) => one !== own);
  return others.length > 0 ? `saved on ${others.join('; and on ')}; this is ${own}` : null;
}

/** Whatever becomes of the work: others are told that. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal });
  await Promise.race([work, late]).catch(() => undefined);
  over.abort();
  await late.catch(() => undefined);
}

function createJobUploads({ blobs, local, tell }: CheckpointParts, key: string): Uploads {
  return createUploads({
    put: (bytes) => blobs.put(bytes),
    keep: (ref, bytes) => local.keep(key, ref, bytes),
    read: (ref) => local.read(key, ref),
    forget: () => local.remove(key),
    uploaded: (checkpoint) => tell({ type: 'checkpoint', checkpoint }),
    delayed: ({ step }, error) => {
      const why = error instanceof Error ? error.message : String(error);
      tell({ type: 'checkpoint-delayed', step, why });
    },
  });
}
