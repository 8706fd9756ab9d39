/** State of a run in one word, and its reason. */
import { productPrecision } from '../../experiment/plan/product-precision.js';
import { outOfBoundsWarning } from '../../experiment/records/loss-bound.js';
import type { RunKey, WorkQueue } from '../../experiment/records/runs.js';
import { taskQueues } from '../../experiment/records/temporal-names.js';
import type { RunRow } from '../../stores/results/results-store.js';
import type { RunStep } from './heartbeats.js';

export interface RunStatus {
  /** A state of its row, or `cached`, `paused`, `stale`, and before anything has started `new`. */
  readonly state: string;
  /** Empty: no reason. */
  readonly why: string;
}

/** Facts that a status needs beside the row of its run. */
export interface StatusContext {
  readonly experiment: string;
  /** Whether the workflow of the experiment is running, as far as is known. */
  readonly live: boolean;
  readonly steps: ReadonlyMap<RunKey, RunStep>;
  /** Queues that no worker polls. */
  readonly idle: ReadonlySet<WorkQueue>;
  readonly stale: ReadonlyMap<RunKey, string>;
}

export function runStatus(row: RunRow, around: StatusContext): RunStatus {
  const { state, run, madeBy, lossOutOfBounds } = row;
  switch (state) {
    case 'done': {
      const stale = around.stale.get(run.key);
      if (stale !== undefined) return { state: 'stale', why: stale };
      const cached = madeBy !== null && madeBy !== around.experiment;
      const bounds = lossOutOfBounds === null ? '' : outOfBoundsWarning(lossOutOfBounds);
      const warning = joined(bounds, severalMachines(row));
      return cached
        ? { state: 'cached', why: joined(`by ${madeBy}`, warning) }
        : { state, why: warning };
    }
    case 'running':
      return { state, why: howRunning(row, around) };
    case 'queued':
      return row.held
        ? { state: 'paused', why: joined('until unpaused', resumesAt(row)) }
        : { state, why: joined(whyQueued(row, around), resumesAt(row)) };
    case 'interrupted': {
      const waits = row.refused && around.live ? whyRefused(row) : '';
      return { state, why: joined(whyEnded(row), waits, resumesAt(row)) };
    }
    case 'failed':
    case 'blocked':
    case 'cancelled':
      return { state, why: joined(whyEnded(row), resumesAt(row)) };
    default:
      return state satisfies never;
  }
}

/** Its bytes are those of no single machine. */
function severalMachines({ environment }: Pick<RunRow, 'environment'>): string {
  const { otherMachine } = environment ?? {};
  return otherMachine === undefined ? '' : `computed on several machines: ${otherMachine}`;
}

function joined(...parts: readonly string[]): string {
  return parts.filter(Boolean).join('; ');
}

/** `resumes at step 300 of 938`; empty without a checkpoint, and for running runs. */
export function resumesAt({ state, checkpoint }: Pick<RunRow, 'state' | 'checkpoint'>): string {
  if (checkpoint === null || state === 'done' || state === 'running') return '';
  return `resumes at step ${checkpoint.step} of ${checkpoint.total}`;
}

function howRunning({ run, epoch, attemptBy }: RunRow, around: StatusContext): string {
  const at = around.steps.get(run.key);
  const share = at && at.total > 0 ? `${Math.floor((100 * at.step) / at.total)} %` : '';
  const attempt = epoch > 1 ? `attempt ${epoch}` : '';
  const other = attemptBy !== null && attemptBy !== around.experiment ? `for ${attemptBy}` : '';
  return [share, attempt, other].filter(Boolean).join(', ');
}

const needsTold = 2;

/** The version may be that of a plan which an older or a newer command has made. */
export function whyRefused({ version, run }: Pick<RunRow, 'version' | 'run'>): string {
  const gpus = productPrecision(run.spec) === 'tf32' ? ' with GPUs' : '';
  return `waits for workers of version ${version ?? 'unknown'}${gpus}`;
}

function whyQueued(row: RunRow, { live, idle }: StatusContext): string {
  const { run, waitsFor, inHand } = row;
  if (waitsFor.length > 0) {
    const more = waitsFor.length - needsTold;
    const told = waitsFor.slice(0, needsTold).join(', ');
    return `waits for ${told}${more > 0 ? ` and ${more} more` : ''}`;
  }
  if (!live) return 'its experiment does not run';
  if (row.refused) return whyRefused(row);
  if (idle.has(run.queue)) return `no worker polls ${taskQueues[run.queue]}`;
  return inHand ? 'waits for a worker' : 'waits for room';
}

function whyEnded({ state, failure, reason }: RunRow): string {
  if (failure) return `${failure.type}: ${failure.message}`;
  if (reason !== null) return reason;
  return state === 'interrupted' ? 'its worker stopped' : '';
}
