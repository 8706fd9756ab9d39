/** Checkpoints of an attempt: those it may resume from, and the rows that commit those it saves. */
import { Context } from '@temporalio/activity';
import { defaultCheckpointPolicy } from '../experiment/config/execution.js';
import type { Checkpointing, CheckpointRef } from '../experiment/records/records.js';
import type { PlannedRun, RunKey } from '../experiment/records/runs.js';
import { StaleAttemptError, type ResultsStore } from '../stores/results/results-store.js';
import type { EngineListener } from './engines.js';
import type { MetricWriter } from './metric-writer.js';
import { retryDatabase } from './retry-database.js';

export async function checkpointingFor(
  results: ResultsStore,
  run: RunKey,
  experiment: string | null,
): Promise<Checkpointing> {
  const { policy, saved } = await results.checkpointsOf(run, experiment);
  return { policy: policy ?? defaultCheckpointPolicy, saved };
}

export interface CheckpointWriter {
  readonly listener: Required<Pick<EngineListener, 'resumed' | 'checkpoint' | 'checkpointDelayed'>>;
  /** Resolves when what was heard is written, or given up. */
  settled(): Promise<void>;
}

interface WritingAttempt {
  readonly run: PlannedRun;
  readonly epoch: number;
  readonly metrics: MetricWriter;
  readonly stop: AbortController;
}

/** A row is written after every metric of earlier steps: who goes on from it has lost none. */
export function createCheckpointWriter(
  results: ResultsStore,
  { run, epoch, metrics, stop }: WritingAttempt,
): CheckpointWriter {
  let work: Promise<void> = Promise.resolve();
  // What an engine says arrives outside of the activity's own context.
  const { log } = Context.current();
  const about = { run: run.name, key: run.key, epoch };
  const commit = async (checkpoint: CheckpointRef): Promise<void> => {
    await metrics.flush();
    await retryDatabase(() => results.commitCheckpoint(run.key, epoch, checkpoint), stop.signal);
  };
  /** A database that is away costs this checkpoint; the attempt goes on, and the next one is tried. */
  const attempted = (what: string, write: () => Promise<void>): void => {
    work = work.then(write).catch((error: unknown) => {
      if (error instanceof StaleAttemptError) stop.abort(error);
      else log.warn(`${what} was not recorded`, { ...about, error });
    });
  };
  return {
    listener: {
      resumed(resumption) {
        const { step, refused, otherMachine } = resumption;
        const level = refused.length > 0 || otherMachine !== null ? 'WARN' : 'INFO';
        log.log(level, `the run resumes at step ${step}`, { ...about, refused, otherMachine });
        attempted('where a run went on', () =>
          results.recordResumption(run.key, epoch, resumption),
        );
      },
      checkpoint: (ref) => attempted(`the checkpoint at step ${ref.step}`, () => commit(ref)),
      checkpointDelayed(step, why) {
        log.warn(`the checkpoint at step ${step} waits on this machine`, { ...about, why });
      },
    },
    settled: () => work,
  };
}
