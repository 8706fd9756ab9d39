/** Summary of timing samples: median, best and spread. */
import { max, median, min, quantile } from 'simple-statistics';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly samples: number;
}

/** Samples by round. */
export type Rounds = readonly (readonly number[])[];

export function summariseRounds(rounds: Rounds): Spread {
  const all = rounds.flat();
  return {
    median: median(all),
    min: min(all),
    lowerQuartile: quantile(all, 0.25),
    upperQuartile: quantile(all, 0.75),
    samples: all.length,
  };
}

export interface Ratio {
  /** Spread of the medians over all rounds. */
  readonly value: number;
  /** The lowest and the highest of the rounds. */
  readonly low: number;
  readonly high: number;
}

/** How many times as long the other took. */
export function compareRounds(other: Rounds, own: Rounds): Ratio {
  const each = own.map((samples, i) => median([...other[i]!]) / median([...samples]));
  return {
    value: summariseRounds(other).median / summariseRounds(own).median,
    low: min(each),
    high: max(each),
  };
}
