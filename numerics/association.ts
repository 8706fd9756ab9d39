/** How a loss goes together with each of several series measured at the same places, and how surely. */
import { bootstrapIntervals, drawIndices, type Interval } from './bootstrap.js';
import { partialCorrelation, pearson, spearman } from './correlation.js';

export interface Sample {
  /** By place. */
  readonly loss: readonly number[];
  /** Series of the same length, by name. */
  readonly predictors: Readonly<Record<string, readonly number[]>>;
}

/** What `partial` is of, and what it takes out; where one of both is missing, there is none. */
export interface Partial {
  readonly of: string;
  readonly given: string;
}

export type Association = (sample: Sample) => number;

/** By name: `pearson.<predictor>`, `spearman.<predictor>`, and `partial.<of>`. */
export function associationsOf(
  predictors: readonly string[],
  { of, given }: Partial,
): ReadonlyMap<string, Association> {
  const found = new Map<string, Association>();
  for (const name of predictors) {
    found.set(`pearson.${name}`, ({ loss, predictors: p }) => pearson(loss, p[name]!));
    found.set(`spearman.${name}`, ({ loss, predictors: p }) => spearman(loss, p[name]!));
  }
  if (predictors.includes(of) && predictors.includes(given)) {
    found.set(`partial.${of}`, ({ loss, predictors: p }) =>
      partialCorrelation(loss, p[of]!, p[given]!),
    );
  }
  return found;
}

/** The places drawn anew, each with all that was measured there. */
export function resampled({ loss, predictors }: Sample, places: readonly number[]): Sample {
  const pick = (values: readonly number[]): number[] => places.map((i) => values[i]!);
  return {
    loss: pick(loss),
    predictors: Object.fromEntries(
      Object.entries(predictors).map(([name, values]) => [name, pick(values)]),
    ),
  };
}

/** Percentile intervals of the associations over the places. */
export function intervalsOverPlaces(
  sample: Sample,
  associations: readonly Association[],
): readonly Interval[] {
  return bootstrapIntervals((generator) => {
    const drawn = resampled(sample, drawIndices(generator, sample.loss.length));
    return associations.map((association) => association(drawn));
  });
}
