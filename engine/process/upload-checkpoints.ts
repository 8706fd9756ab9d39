/** Uploads checkpoints in the background; while the object store is unavailable they wait on disk. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactRef, CheckpointRef } from '../../experiment/records/records.js';

export interface UploadPorts {
  put(bytes: Uint8Array): Promise<ArtifactRef>;
  /** A copy on this machine, which outlives the process. */
  keep(ref: CheckpointRef, bytes: Uint8Array): Promise<void>;
  read(ref: CheckpointRef): Promise<Uint8Array>;
  /** No copy is needed any more. */
  forget(): Promise<void>;
  uploaded(ref: CheckpointRef): void;
  delayed(ref: CheckpointRef, error: unknown): void;
}

export interface Uploads {
  /** Whether a newer state may follow: none is on its way, or it has been for too long. */
  idle(nowMs: number): boolean;
  /** Goes before whatever has not been taken yet. */
  offer(ref: CheckpointRef, bytes: Uint8Array, nowMs: number): void;
  /** Resolves when the bytes that are on their way have come or failed to; null when none are, or are stuck. */
  moving(nowMs: number): Promise<unknown> | null;
  /** Waits for what was offered; what has not been taken when time is up stays on this machine. */
  drain(withinMs: number): Promise<void>;
  /** Nothing is told from now on. */
  abandon(): void;
}

const retryDelaysMs = [1000, 2000, 5000, 10_000, 30_000];
/** A put that takes so long is stuck: newer states are kept beside it. */
const stuckMs = 10_000;

interface Waiting {
  readonly ref: CheckpointRef;
  /** Null: on disk. */
  readonly bytes: Uint8Array | null;
}

/** Latest checkpoint that is not uploading yet. */
interface Slot {
  waiting: Waiting | null;
  /** Bytes that are on their way. */
  putting: Promise<unknown> | null;
  /** Whoever keeps or forgets a copy removes others: that must not happen twice at a time. */
  readonly copying: InTurn;
  readonly abandoned: AbortController;
}

export function createUploads(ports: UploadPorts): Uploads {
  const slot: Slot = {
    ...{ waiting: null, putting: null },
    ...{ copying: inTurn(), abandoned: new AbortController() },
  };
  let working: Promise<void> | null = null;
  let putSinceMs = 0;
  const begin = (nowMs: number): void => {
    putSinceMs = nowMs;
    working = deliver(ports, slot).finally(() => (working = null));
  };
  return {
    idle: (nowMs) => slot.putting === null || nowMs - putSinceMs > stuckMs,
    moving: (nowMs) => (nowMs - putSinceMs > stuckMs ? null : slot.putting),
    offer(ref, bytes, nowMs) {
      slot.waiting = { ref, bytes };
      if (working === null) return begin(nowMs);
      void keep(ports, slot).catch((error: unknown) => ports.delayed(ref, error));
    },
    async drain(withinMs) {
      const over = new AbortController();
      const late = sleep(withinMs, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([working, late]);
      over.abort();
      slot.abandoned.abort();
      await keep(ports, slot).catch(() => undefined);
    },
    abandon: () => slot.abandoned.abort(),
  };
}

/** Until nothing waits any more. */
async function deliver(ports: UploadPorts, slot: Slot): Promise<void> {
  const { signal } = slot.abandoned;
  for (let failures = 0; slot.waiting && !signal.aborted;) {
    const current = slot.waiting;
    try {
      await put(ports, slot, current);
      if (signal.aborted) return;
      ports.uploaded(current.ref);
      failures = 0;
      if (slot.waiting.ref !== current.ref) continue;
      slot.waiting = null;
      await slot.copying(() => (slot.waiting ? undefined : ports.forget()));
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0) ports.delayed(current.ref, error);
      await keep(ports, slot).catch((cause: unknown) => ports.delayed(current.ref, cause));
      const delayMs = retryDelaysMs[Math.min(failures++, retryDelaysMs.length - 1)];
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function put(ports: UploadPorts, slot: Slot, { ref, bytes }: Waiting): Promise<void> {
  const content = bytes ?? (await ports.read(ref));
  slot.putting = ports.put(content).finally(() => (slot.putting = null));
  await slot.putting;
}

/** The disk may be as full as the network is down: then this one is lost, and the next one tries. */
function keep(ports: UploadPorts, slot: Slot): Promise<void> {
  return slot.copying(async () => {
    if (!slot.waiting?.bytes) return;
    const { ref, bytes } = slot.waiting;
    await ports.keep(ref, bytes);
    if (slot.waiting?.ref === ref) slot.waiting = { ref, bytes: null };
  });
}

type InTurn = (work: () => Promise<void> | undefined) => Promise<void>;

/** Each begins when those before it are over, however they ended. */
function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
