/** How many engines a worker has, and with how many threads each computes. */
import { availableParallelism, totalmem } from 'node:os';
import { UserError } from '../experiment/errors.js';
import type { Variables } from './variables.js';

/** Threads of the engine that computes a run, by the size of its network. */
export interface EngineThreads {
  readonly small: number;
  readonly large: number;
}

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
 * all cores for large ones, and an engine per core within memory; with GPUs one engine each. `gpus` are those that are
 * visible, null on a CPU.
 */
export function engineLayout(
  variables: Variables,
  gpus: readonly string[] | null,
  machine: Machine = thisMachine(),
): EngineLayout {
  const { ISTHMUS_SLOTS: slots, ISTHMUS_THREADS_PER_SLOT: threads } = variables;
  const { cores } = machine;
  const small = threads ?? (gpus === null ? 1 : cores);
  refuseToShare(variables, gpus);
  return {
    slots: slots ?? (gpus === null ? defaultSlots(small, machine) : Math.max(1, gpus.length)),
    threads: { small, large: threads ?? cores },
  };
}

function defaultSlots(threads: number, { cores, memoryBytes }: Machine): number {
  const most = Math.min(cores / threads, memoryBytes / engineBytes, mostDefaultSlots);
  return Math.max(1, Math.floor(most));
}

/** Engines that take memory as they need it would run each other out of it, at a moment that nobody can foresee. */
function refuseToShare(
  { ISTHMUS_SLOTS: slots = 0, ISTHMUS_GPU_MEMORY_MB: memoryMb }: Variables,
  gpus: readonly string[] | null,
): void {
  if (gpus === null || gpus.length === 0 || slots <= gpus.length || memoryMb !== undefined) return;
  const visible = `${gpus.length} visible GPU${gpus.length === 1 ? '' : 's'}`;
  throw new UserError('usage', `ISTHMUS_SLOTS: ${slots} engines for ${visible}`, {
    hint: 'name more GPUs in CUDA_VISIBLE_DEVICES, or set ISTHMUS_GPU_MEMORY_MB so that engines share them',
  });
}
