/** One unit of work of the engine, prepared once and measured in blocks. */
import { performance } from 'node:perf_hooks';
import type { Timing } from '../request.js';

export interface PreparedWork {
  /** Milliseconds of one unit, a sample each. */
  measure(block: Pick<Timing, 'warm' | 'repeat' | 'calls'>): Promise<number[]>;
  dispose(): Promise<void> | void;
}

/** Work that is one call after the other; a call does `units` units. */
export function repeated(
  call: () => Promise<void> | void,
  dispose: () => void,
  units = 1,
): PreparedWork {
  const timed = async (calls: number): Promise<number> => {
    const begunMs = performance.now();
    for (let i = 0; i < calls; i++) await call();
    return (performance.now() - begunMs) / (calls * units);
  };
  return {
    async measure({ warm, repeat, calls }) {
      await timed(warm);
      const samples: number[] = [];
      for (let i = 0; i < repeat; i++) samples.push(await timed(calls));
      return samples;
    },
    dispose,
  };
}
