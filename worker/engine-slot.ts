/**
 * Slot of one engine: kept between jobs, replaced when it exits, after many jobs, when its memory has grown,
 * or when a job takes another number of threads or another precision, which TensorFlow reads once.
 */
import type { EngineListener, EngineOutcome } from '../activities/engines.js';
import type { ProductPrecision } from '../experiment/plan/product-precision.js';
import type { EngineJob, RunFailure } from '../experiment/records/records.js';
import { startEngine, type EngineProcess, type EngineProcessOptions } from './engine-process.js';

export interface WearLimits {
  readonly maxJobs: number;
  readonly maxRssBytes: number;
}

/** Settings that an engine process keeps for its life; they decide bits. */
export interface EngineMode {
  readonly threads: number;
  readonly precision: ProductPrecision;
}

export function sameMode(a: EngineMode, b: EngineMode): boolean {
  return a.threads === b.threads && a.precision === b.precision;
}

interface EngineSlotOptions extends Omit<EngineProcessOptions, 'env'>, WearLimits {
  /** Mode of the engine that is there before the first job. */
  readonly mode: EngineMode;
  environment(mode: EngineMode): NodeJS.ProcessEnv;
}

export interface EngineSlot {
  /** In an engine of this mode. */
  execute(
    job: EngineJob,
    mode: EngineMode,
    listener: EngineListener,
    signal: AbortSignal,
  ): Promise<EngineOutcome>;
  readonly pid: () => number | undefined;
  /** Mode of the engine that is there. */
  readonly mode: () => EngineMode;
  /** Whether the engine that is there can take a job; else why not. */
  ready(): Promise<RunFailure | null>;
  close(): Promise<void>;
}

export function createEngineSlot(options: EngineSlotOptions): EngineSlot {
  const start = (mode: EngineMode): EngineProcess =>
    startEngine({ ...options, env: options.environment(mode) });
  let { mode } = options;
  let engine = start(mode);
  let jobs = 0;
  let renewal: Promise<void> = Promise.resolve();

  /** A second engine never starts beside a dying one: the two could not share a GPU's memory. */
  async function usableEngine(wanted: EngineMode): Promise<EngineProcess> {
    await renewal;
    if (!engine.usable() || !sameMode(mode, wanted)) {
      await engine.stop();
      mode = wanted;
      engine = start(mode);
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
    mode: () => mode,
    ready: async () => ((await engine.ready) === null ? engine.ended : null),
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
