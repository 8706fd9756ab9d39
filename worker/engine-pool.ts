/** The engines of this worker: one slot each, jobs wait for a free one in order. */
import { join } from 'node:path';
import type { Engines } from '../activities/engines.js';
import { createEngineLog } from './engine-log.js';
import { createEngineSlot, type EngineSlot, type WearLimits } from './engine-slot.js';

export interface EnginePoolOptions extends WearLimits {
  readonly slots: number;
  readonly script: string;
  readonly logDir: string;
  readonly readyTimeoutMs: number;
  readonly graceMs: number;
  slotEnvironment(slot: number): NodeJS.ProcessEnv;
}

export interface EnginePool extends Engines {
  readonly pids: () => readonly number[];
  /** Ends every engine; jobs still running then fail. */
  close(): Promise<void>;
}

export function createEnginePool(options: EnginePoolOptions): EnginePool {
  const logs = Array.from({ length: options.slots }, (_, slot) =>
    createEngineLog(join(options.logDir, `engine-${slot}.log`)),
  );
  const slots = logs.map((log, slot) =>
    createEngineSlot({ ...options, log, env: options.slotEnvironment(slot) }, options),
  );
  const free = [...slots];
  const waiting: ((slot: EngineSlot) => void)[] = [];

  const take = (): Promise<EngineSlot> => {
    const slot = free.shift();
    return slot ? Promise.resolve(slot) : new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (slot: EngineSlot): void => {
    const next = waiting.shift();
    if (next) next(slot);
    else free.push(slot);
  };

  return {
    pids: () => slots.flatMap((slot) => slot.pid() ?? []),
    async execute(job, listener, signal) {
      const slot = await take();
      try {
        return signal.aborted ? { type: 'stopped' } : await slot.execute(job, listener, signal);
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
