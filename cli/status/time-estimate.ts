/** Fraction of an experiment that is done, and the time left, estimated from similar measured runs. */
import {
  measureRates,
  timeLeft,
  type RunAtWork,
  type TimeLeft,
  type WaitingRuns,
} from '../../experiment/plan/time-left.js';
import type { RunKind } from '../../experiment/kinds/index.js';
import { seconds } from '../../report/numbers.js';
import type { ResultsReader, RunRow, StateCounts } from '../../stores/results/results-store.js';
import type { RunStep } from './heartbeats.js';
import { sumCounts } from './states.js';

type Steps = ReadonlyMap<string, RunStep>;

interface MeasuredProgress {
  readonly experiment: string;
  readonly counts: StateCounts;
  /** With all that are running. */
  readonly rows: readonly RunRow[];
  readonly steps: Steps;
}

export interface TimeEstimate {
  /** Fraction of the runs that have ended. */
  readonly share: number;
  readonly left: TimeLeft;
}

const open = ['queued', 'paused', 'running', 'interrupted'];

export async function estimateTime(
  store: Pick<ResultsReader, 'openRuns' | 'measuredRuns'>,
  { experiment, counts, rows, steps }: MeasuredProgress,
  now: Date,
): Promise<TimeEstimate> {
  const total = sumCounts(counts);
  const openRuns = open.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  if (openRuns === 0) return { share: 1, left: { seconds: 0, unknownRuns: 0 } };
  const { waiting, smallRunsPerSecond } = await store.openRuns(experiment);
  const working = rows.filter(({ state }) => state === 'running');
  const begun = working.map((row) => runAtWork(row, steps.get(row.run.key), now));
  const parts = working.map(({ run }) => fractionDone(steps.get(run.key)));
  const share = (total - openRuns + parts.reduce((sum, part) => sum + part, 0)) / total;
  const left = await estimateTimeLeft(store, waiting, begun, smallRunsPerSecond);
  return { share, left };
}

function fractionDone(at: RunStep | undefined): number {
  return at && at.total > 0 ? Math.min(1, at.step / at.total) : 0;
}

/** Small runs end faster than any one of them can tell: their rate together counts, where they go now. */
async function estimateTimeLeft(
  store: Pick<ResultsReader, 'measuredRuns'>,
  waiting: readonly WaitingRuns[],
  begun: readonly RunAtWork[],
  smallRunsPerSecond: number,
): Promise<TimeLeft> {
  const flowing = ({ spec }: WaitingRuns): boolean =>
    smallRunsPerSecond > 0 && !('dataset' in spec);
  const small = waiting.filter(flowing).reduce((sum, { runs }) => sum + runs, 0);
  const rest = waiting.filter((runs) => !flowing(runs));
  const engines = begun.filter(({ spec }) => 'dataset' in spec);
  const rates = measureRates(await store.measuredRuns(distinctKinds([...rest, ...engines])));
  const left = timeLeft(rest, engines, rates, engines.length);
  const smallSeconds = small > 0 ? small / smallRunsPerSecond : 0;
  const all = left.seconds === null ? null : Math.max(left.seconds, smallSeconds);
  return { ...left, seconds: all };
}

function distinctKinds(runs: readonly Pick<WaitingRuns, 'spec'>[]): readonly RunKind[] {
  return [...new Set(runs.map(({ spec }) => spec.kind))];
}

function runAtWork(
  { run, startedAt, resumedAt }: RunRow,
  at: RunStep | undefined,
  now: Date,
): RunAtWork {
  const elapsed = startedAt ? Math.max(0, (now.getTime() - startedAt.getTime()) / 1000) : 0;
  const steps = at ? { made: at.step - (resumedAt ?? 0), left: at.total - at.step } : null;
  return { spec: run.spec, seconds: elapsed, steps };
}

/** Estimated time of the runs that have not started, one after the other. */
export async function planTime(
  store: Pick<ResultsReader, 'measuredRuns'>,
  runs: readonly Pick<WaitingRuns, 'spec'>[],
): Promise<TimeLeft> {
  const waiting = runs.map(({ spec }) => ({ spec, runs: 1 }));
  return timeLeft(waiting, [], measureRates(await store.measuredRuns(distinctKinds(runs))), 1);
}

/** `about 3:20 min`, `unknown`, or `at least 3:20 min (unknown for 4 runs)`. */
export function timeText({ seconds: left, unknownRuns }: TimeLeft): string {
  if (left === null) return 'unknown';
  if (unknownRuns === 0) return `about ${seconds(left)}`;
  return `at least ${seconds(left)} (unknown for ${unknownRuns} run${unknownRuns === 1 ? '' : 's'})`;
}

export function estimateText({ share, left }: TimeEstimate): string {
  return `${Math.floor(100 * share)} % of the runs; time left: ${timeText(left)}`;
}
