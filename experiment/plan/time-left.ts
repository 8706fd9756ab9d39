/** Time that remains, from what finished runs of the same group took and from the progress of the running ones. */
import type { RunSpec } from '../kinds/index.js';
import { runWork } from './work.js';

/** A finished run that was computed in one go. */
export interface MeasuredRun {
  readonly spec: RunSpec;
  readonly seconds: number;
}

/** Runs of one spec that have not begun. */
export interface WaitingRuns {
  readonly spec: RunSpec;
  readonly runs: number;
}

export interface RunAtWork {
  readonly spec: RunSpec;
  readonly seconds: number;
  /** Since this attempt began, and how many are left; null where it has not said. */
  readonly steps: { readonly made: number; readonly left: number } | null;
}

export interface TimeLeft {
  /** Time of all runs with an estimate; null where none has one. */
  readonly seconds: number | null;
  /** Runs without an estimate. */
  readonly unknownRuns: number;
}

/** Seconds for one unit of work, by group: the median. */
export type Rates = ReadonlyMap<string, number>;

export function measureRates(measured: readonly MeasuredRun[]): Rates {
  const found = new Map<string, number[]>();
  for (const { spec, seconds } of measured) {
    const { group, amount } = runWork(spec);
    // A training of no epochs says nothing about the rate of others.
    if (amount === 0) continue;
    found.set(group, [...(found.get(group) ?? []), seconds / amount]);
  }
  return new Map([...found].map(([group, rates]) => [group, median(rates)]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** `atOnce` runs are carried out at the same time. */
export function timeLeft(
  waiting: readonly WaitingRuns[],
  atWork: readonly RunAtWork[],
  rates: Rates,
  atOnce: number,
): TimeLeft {
  let [seconds, unknownRuns, known] = [0, 0, 0];
  const count = (each: number | null, runs: number): void => {
    if (each === null) unknownRuns += runs;
    else [seconds, known] = [seconds + each * runs, known + runs];
  };
  const own = atWork.map((run) => secondsLeft(run, rates));
  for (const each of own) count(each, 1);
  for (const { spec, runs } of waiting) count(expected(spec, rates), runs);
  const longest = Math.max(0, ...own.map((each) => each ?? 0));
  const all = Math.max(longest, seconds / Math.max(1, atOnce));
  return { seconds: known > 0 || unknownRuns === 0 ? all : null, unknownRuns };
}

/** Too short a look at a run says nothing about its rate. */
const leastSeconds = 2;

function secondsLeft({ spec, seconds, steps }: RunAtWork, rates: Rates): number | null {
  if (steps && steps.made > 0 && seconds >= leastSeconds) {
    return (seconds / steps.made) * steps.left;
  }
  const whole = expected(spec, rates);
  return whole === null ? null : Math.max(0, whole - seconds);
}

function expected(spec: RunSpec, rates: Rates): number | null {
  const { group, amount } = runWork(spec);
  const rate = rates.get(group);
  return rate === undefined ? null : rate * amount;
}
