/** Runs on real engine processes, with real MNIST and a real object store, stopped and killed where a test says. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EngineOutcome } from '../../activities/engines.js';
import { parseExperimentWith } from '../../experiment/file/document.js';
import { planExperiment } from '../../experiment/plan/plan.js';
import type {
  Checkpointing,
  CheckpointRef,
  EngineJob,
  Outputs,
  Resumption,
} from '../../experiment/records/records.js';
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';
import { loadSettings, type Settings } from '../../settings/settings.js';
import { engineEnvironment } from '../../worker/engine-environment.js';
import { createEngineLog } from '../../worker/engine-log.js';
import { startEngine, type EngineProcess } from '../../worker/engine-process.js';
import { compiled } from '../compiled.js';
import { stackEnv } from '../stack.js';

const study = join(import.meta.dirname, '../end-to-end/study.yaml');

export function runsOf(...assignments: string[]): readonly PlannedRun[] {
  const config = parseExperimentWith(readFileSync(study, 'utf8'), 'study.yaml', assignments);
  return planExperiment(config, (text) => createHash('sha256').update(text).digest('hex')).runs;
}

export interface Heard {
  readonly outcome: EngineOutcome;
  /** By series and x, as the primary key of the database has them: the last write counts. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly checkpoints: readonly CheckpointRef[];
  readonly resumption: Resumption | null;
  readonly delayed: readonly string[];
  /** Newest step that was told. */
  readonly lastStep: number;
}

/** Values that differ, the first few of them: whole maps take a test runner minutes to compare line by line. */
export function differences(found: Heard, expected: Heard): readonly string[] {
  const names = new Set([...found.metrics.keys(), ...expected.metrics.keys()]);
  const told = [...names].flatMap((name) => {
    const [a, b] = [found.metrics.get(name), expected.metrics.get(name)];
    return Object.is(a, b) ? [] : [`${name}: ${a}, not ${b}`];
  });
  return told.slice(0, 10);
}

/** Ends the attempt once progress has come to this step. */
interface Interruption {
  readonly atStep: number;
  readonly by: 'SIGTERM' | 'SIGKILL';
  /** And so many checkpoints have been stored (default 0). */
  readonly checkpoints?: number;
}

export interface EngineRuns {
  readonly settings: Settings;
  /** One attempt. */
  attempt(
    run: PlannedRun,
    checkpointing?: Checkpointing,
    interruption?: Interruption,
  ): Promise<Heard>;
  /** Without interruption, once: again it gives what it gave. */
  whole(run: PlannedRun): Promise<Heard>;
  close(): Promise<void>;
}

/** Only when it is stopped. */
const rarely = { everySeconds: 3600 };
const graceMs = 10_000;

export function createEngineRuns(
  changed: Partial<Settings> = {},
  surroundings: NodeJS.ProcessEnv = process.env,
): EngineRuns {
  const home = mkdtempSync(join(tmpdir(), 'isthmus-resume-'));
  const settings = { ...loadSettings(stackEnv()), home, ...changed };
  const log = createEngineLog(join(home, 'engine.log'));
  const options = {
    ...{ script: compiled('engine/process/main.ts'), log, readyTimeoutMs: 60_000, graceMs },
    env: engineEnvironment(settings, surroundings, {
      slot: 0,
      threads: settings.engines.threads.large,
      precision: 'float32',
    }),
  };
  const done = new Map<RunKey, Outputs>();
  const known = new Map<RunKey, Promise<Heard>>();
  let engine: EngineProcess | null = null;

  const attempt: EngineRuns['attempt'] = async (run, checkpointing, interruption) => {
    if (!engine?.usable()) engine = startEngine(options);
    const inputs = run.needs.map((need) => ({ ...need, outputs: done.get(need.run)! }));
    const job = { run, epoch: 1, inputs, ...(checkpointing ? { checkpointing } : {}) };
    return carryOut(engine, job, interruption);
  };
  const whole: EngineRuns['whole'] = (run) => {
    const found = known.get(run.key);
    if (found) return found;
    const heard = attempt(run).then((result) => {
      if (result.outcome.type !== 'done') throw new Error(JSON.stringify(result.outcome));
      done.set(run.key, result.outcome.outputs);
      return result;
    });
    known.set(run.key, heard);
    return heard;
  };
  return {
    settings,
    attempt,
    whole,
    async close() {
      await engine?.stop();
      log.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function carryOut(
  engine: EngineProcess,
  job: EngineJob,
  interruption: Interruption | undefined,
): Promise<Heard> {
  const environment = await engine.ready;
  if (environment === null) throw new Error((await engine.ended).message);
  const stop = new AbortController();
  const metrics = new Map<string, number>();
  const checkpoints: CheckpointRef[] = [];
  const delayed: string[] = [];
  let resumption: Resumption | null = null;
  let lastStep = 0;
  const outcome = await engine.execute(
    job,
    environment,
    {
      progress(step) {
        lastStep = step;
        if (interruption === undefined || step < interruption.atStep) return;
        if (checkpoints.length < (interruption.checkpoints ?? 0)) return;
        if (interruption.by === 'SIGTERM') stop.abort();
        else process.kill(engine.pid!, 'SIGKILL');
      },
      metrics(rows) {
        for (const { series, x, value } of rows) metrics.set(`${series} ${x}`, value);
        return undefined;
      },
      resumed: (told) => void (resumption = told),
      checkpoint: (ref) => void checkpoints.unshift(ref),
      checkpointDelayed: (_step, why) => void delayed.push(why),
    },
    stop.signal,
  );
  return { outcome, metrics, checkpoints, resumption, delayed, lastStep };
}

/** Stops a run once it is at each of these steps, every attempt going on from the last; the newest two checkpoints. */
export async function stoppedAt(
  engines: EngineRuns,
  run: PlannedRun,
  steps: readonly number[],
): Promise<readonly CheckpointRef[]> {
  let saved: readonly CheckpointRef[] = [];
  for (const atStep of steps) {
    const stop = { atStep, by: 'SIGTERM' } as const;
    const heard = await engines.attempt(run, { policy: rarely, saved }, stop);
    expect(heard.outcome).toEqual({ type: 'stopped' });
    expect(heard.checkpoints).toHaveLength(1);
    expect(heard.checkpoints[0]!.step).toBeGreaterThanOrEqual(atStep);
    if (saved[0]) expect(heard.resumption).toMatchObject({ step: saved[0].step, refused: [] });
    saved = [...heard.checkpoints, ...saved].slice(0, 2);
  }
  return saved;
}

/** An attempt that goes on from the newest of these checkpoints gives what the whole run gave. */
export async function expectTheRest(
  engines: EngineRuns,
  run: PlannedRun,
  saved: readonly CheckpointRef[],
  whole: Heard,
): Promise<void> {
  const last = await engines.attempt(run, { policy: rarely, saved: saved.slice(0, 2) });
  expect(last.resumption).toEqual({ step: saved[0]!.step, refused: [], otherMachine: null });
  expect(last.outcome).toEqual(whole.outcome);
  expect(differences(last, whole)).toEqual([]);
}
