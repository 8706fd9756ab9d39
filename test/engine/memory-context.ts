/** A context for bodies of runs that keeps blobs in memory, so that a test needs no stack. */
import { createHash } from 'node:crypto';
import { noCheckpoints, type EngineContext } from '../../engine/toolkit/context.js';
import { startTensorFlow } from '../../engine/process/tensorflow.js';
import type { MetricRow } from '../../experiment/records/records.js';
import { dataFolder } from '../../settings/settings.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';

const { host } = await startTensorFlow('cpu');

export interface MemoryContext extends EngineContext {
  /** All that was reported. */
  readonly rows: MetricRow[];
}

/** Contexts of one test file share their blobs. */
export function memoryContext(blobs: BlobStore): MemoryContext {
  const rows: MetricRow[] = [];
  return {
    ...{ blobs, host, rows, dataDir: dataFolder(process.env), checkpoints: noCheckpoints },
    environment: {
      ...{ isthmus: '0', node: '0', tensorflow: '0', tfjs: '0', device: 'cpu', cpu: '0' },
      threads: 1,
    },
    signal: new AbortController().signal,
    progress: () => undefined,
    metrics: (more) => void rows.push(...more),
    pause: () => Promise.resolve(),
  };
}

export function memoryBlobs(): BlobStore {
  const held = new Map<string, Uint8Array>();
  const refuse = () => Promise.reject(new Error('a run writes no manifest'));
  return {
    put(bytes) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      held.set(digest, bytes);
      return Promise.resolve({ digest, bytes: bytes.length });
    },
    get: ({ digest }) => Promise.resolve(held.get(digest)!),
    has: ({ digest }) => Promise.resolve(held.has(digest)),
    putManifest: refuse,
    getManifest: refuse,
  };
}
