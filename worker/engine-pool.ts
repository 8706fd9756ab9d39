/** The engines of this worker: one slot each, jobs wait for a free one in order. */
import { join } from 'node:path';
import type { Engines } from '../activities/engines.js';
import { runSize } from '../experiment/plan/engine-threads.js';
import { productPrecision } from '../experiment/plan/product-precision.js';
import type { RunFailure } from '../experiment/records/records.js';
import type { EngineLayout } from '../settings/engines.js';
import type { EnginePlace } from './engine-environment.js';
import { createEngineLog } from './engine-log.js';
import {
  createEngineSlot,
  sameMode,
  type EngineMode,
  type EngineSlot,
  type WearLimits,
} from './engine-slot.js';

export interface EnginePoolOptions extends WearLimits {
  readonly layout: EngineLayout;
  readonly script: string;
  readonly logDir: string;
  readonly readyTimeoutMs: number;
  readonly graceMs: number;
  environment(place: EnginePlace): NodeJS.ProcessEnv;
}

export interface EnginePool extends Engines {
  readonly pids: () => readonly number[];
  /** Why the first of the engines that cannot take a job cannot; null: all can. */
  unusable(): Promise<RunFailure | null>;
  /** Ends every engine; jobs still running then fail. */
  close(): Promise<void>;
}

export function createEnginePool(options: EnginePoolOptions): EnginePool {
  const { threads, slots: count } = options.layout;
  const logs = Array.from({ length: count }, (_, slot) =>
    createEngineLog(join(options.logDir, `engine-${slot}.log`)),
  );
  const slots = logs.map((log, slot) =>
    createEngineSlot({
      ...{ ...options, log, mode: { threads: threads.small, precision: 'float32' } },
      environment: (mode) => options.environment({ slot, ...mode }),
    }),
  );
  const free = [...slots];
  const waiting: ((slot: EngineSlot) => void)[] = [];

  /** If possible one that need not start its engine anew. */
  const take = (wanted: EngineMode): Promise<EngineSlot> => {
    if (free.length === 0) return new Promise((resolve) => waiting.push(resolve));
    const fitting = free.findIndex((slot) => sameMode(slot.mode(), wanted));
    return Promise.resolve(free.splice(Math.max(0, fitting), 1)[0]!);
  };
  const giveBack = (slot: EngineSlot): void => {
    const next = waiting.shift();
    if (next) next(slot);
    else free.push(slot);
  };

  return {
    pids: () => slots.flatMap((slot) => slot.pid() ?? []),
    async unusable() {
      const failures = await Promise.all(slots.map((slot) => slot.ready()));
      return failures.find((failure) => failure !== null) ?? null;
    },
    async execute(job, listener, signal) {
      const { spec } = job.run;
      const wanted = { threads: threads[runSize(spec)], precision: productPrecision(spec) };
      const slot = await take(wanted);
      try {
        if (signal.aborted) return { type: 'stopped' };
        return await slot.execute(job, wanted, listener, signal);
      } finally {
        giveBack(slot);
      }
    },
    async close() {
      await Promise.all(slots.map((slot) => slot.close()));
      for (const log of logs) log.close();
    },
  };
}
