/** How many engines a worker has, and with how many threads each computes. */
import { availableParallelism, totalmem } from 'node:os';
import type { Variables } from './variables.js';

/** Threads of the engine that computes a run, by the size of its network. */
export interface EngineThreads {
  readonly small: number;
  readonly large: number;
}

type Device = NonNullable<Variables['ISTHMUS_DEVICE']>;

export interface EngineLayout {
  /** Engines of one worker. How many there are changes no bit. */
  readonly slots: number;
  /** Decides bits: from the number of cores and variables alone, never from load or memory. */
  readonly threads: EngineThreads;
}

interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Reckoned for each engine by default: training preresnet26 or vgg16 holds 1.3 GB. */
const engineBytes = 2 * 2 ** 30;
/** Runs of large networks share the cores, each with a thread per core: more of them only get in each other's way. */
const mostDefaultSlots = 8;

/** Memory of this machine or container. */
export function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function thisMachine(): Machine {
  return { cores: availableParallelism(), memoryBytes: memoryBytes() };
}

/**
 * Unless variables say otherwise: on a CPU one thread for small networks, where a second one is mostly lost,
 * all cores for large ones, and an engine per core within memory; on a GPU one engine.
 */
export function engineLayout(
  { ISTHMUS_SLOTS: slots, ISTHMUS_THREADS_PER_SLOT: threads }: Variables,
  device: Device,
  machine: Machine = thisMachine(),
): EngineLayout {
  const { cores } = machine;
  const small = threads ?? (device === 'gpu' ? cores : 1);
  return {
    slots: slots ?? defaultSlots(small, device, machine),
    threads: { small, large: threads ?? cores },
  };
}

function defaultSlots(threads: number, device: Device, { cores, memoryBytes }: Machine): number {
  if (device === 'gpu') return 1;
  const most = Math.min(cores / threads, memoryBytes / engineBytes, mostDefaultSlots);
  return Math.max(1, Math.floor(most));
}
