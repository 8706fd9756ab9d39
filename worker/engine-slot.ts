/**
 * Slot of one engine: kept between jobs, replaced when it exits, after many jobs, when its memory has grown,
 * or when a job takes another number of threads, which TensorFlow reads once.
 */
import type { EngineListener, EngineOutcome } from '../activities/engines.js';
import type { EngineJob } from '../experiment/records/records.js';
import { startEngine, type EngineProcess, type EngineProcessOptions } from './engine-process.js';

export interface WearLimits {
  readonly maxJobs: number;
  readonly maxRssBytes: number;
}

interface EngineSlotOptions extends Omit<EngineProcessOptions, 'env'>, WearLimits {
  /** Of the engine that is there before the first job. */
  readonly threads: number;
  environment(threads: number): NodeJS.ProcessEnv;
}

export interface EngineSlot {
  /** In an engine of so many threads. */
  execute(
    job: EngineJob,
    threads: number,
    listener: EngineListener,
    signal: AbortSignal,
  ): Promise<EngineOutcome>;
  readonly pid: () => number | undefined;
  /** Of the engine that is there. */
  readonly threads: () => number;
  close(): Promise<void>;
}

export function createEngineSlot(options: EngineSlotOptions): EngineSlot {
  const start = (threads: number): EngineProcess =>
    startEngine({ ...options, env: options.environment(threads) });
  let { threads } = options;
  let engine = start(threads);
  let jobs = 0;
  let renewal: Promise<void> = Promise.resolve();

  /** A second engine never starts beside a dying one: the two could not share a GPU's memory. */
  async function usableEngine(wanted: number): Promise<EngineProcess> {
    await renewal;
    if (!engine.usable() || threads !== wanted) {
      await engine.stop();
      threads = wanted;
      engine = start(threads);
      jobs = 0;
    }
    return engine;
  }

  function retireIfWorn(): void {
    const { tensorsLeft, rssBytes } = engine.leftovers();
    const worn = jobs >= options.maxJobs || tensorsLeft > 0 || rssBytes > options.maxRssBytes;
    if (worn && engine.usable()) renewal = engine.stop();
  }

  return {
    pid: () => engine.pid,
    threads: () => threads,
    close: () => engine.stop(),
    async execute(job, wanted, listener, signal) {
      const current = await usableEngine(wanted);
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
