/** Slot of one engine: kept between jobs, replaced when it exits, after many jobs or when its memory has grown. */
import type { EngineListener, EngineOutcome } from '../activities/engines.js';
import type { EngineJob } from '../experiment/records/records.js';
import { startEngine, type EngineProcess, type EngineProcessOptions } from './engine-process.js';

export interface WearLimits {
  readonly maxJobs: number;
  readonly maxRssBytes: number;
}

export interface EngineSlot {
  execute(job: EngineJob, listener: EngineListener, signal: AbortSignal): Promise<EngineOutcome>;
  readonly pid: () => number | undefined;
  close(): Promise<void>;
}

export function createEngineSlot(options: EngineProcessOptions, limits: WearLimits): EngineSlot {
  let engine: EngineProcess = startEngine(options);
  let jobs = 0;
  let renewal: Promise<void> = Promise.resolve();

  /** A second engine never starts beside a dying one: the two could not share a GPU's memory. */
  async function usableEngine(): Promise<EngineProcess> {
    await renewal;
    if (!engine.usable()) {
      await engine.stop();
      engine = startEngine(options);
      jobs = 0;
    }
    return engine;
  }

  function retireIfWorn(): void {
    const { tensorsLeft, rssBytes } = engine.leftovers();
    const worn = jobs >= limits.maxJobs || tensorsLeft > 0 || rssBytes > limits.maxRssBytes;
    if (worn && engine.usable()) renewal = engine.stop();
  }

  return {
    pid: () => engine.pid,
    close: () => engine.stop(),
    async execute(job, listener, signal) {
      const current = await usableEngine();
      const environment = await unlessAborted(current.ready, signal);
      if (environment === 'aborted') return { type: 'stopped' };
      if (environment === null) return { type: 'failed', failure: await current.ended };
      jobs++;
      const outcome = await current.execute(job, environment, listener, signal);
      retireIfWorn();
      return outcome;
    },
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | 'aborted'> {
  if (signal.aborted) return 'aborted';
  const over = new AbortController();
  const aborted = new Promise<'aborted'>((resolve) =>
    signal.addEventListener('abort', () => resolve('aborted'), { signal: over.signal }),
  );
  return Promise.race([work, aborted]).finally(() => over.abort());
}
