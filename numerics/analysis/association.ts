/** How a loss goes together with each of several series measured at the same places, and how surely. */
import type { Quantity } from '../../experiment/records/quantity.js';
import { bootstrapIntervals, drawIndices, type Interval } from './bootstrap.js';
import { partialCorrelation, pearson, spearman } from './correlation.js';

/** A loss and its predictors, measured at the same n places; every series is [n]. */
export interface Sample {
  /** By place. */
  readonly loss: readonly number[];
  /** Series of the same length, by name. */
  readonly predictors: Readonly<Record<string, readonly number[]>>;
}

/** Predictor of the partial correlation, and the one it controls for; none where either is missing. */
export interface Partial {
  readonly of: string;
  readonly given: string;
}

/** A measure of association between the loss and the predictors of a sample; absent where it does not exist. */
export type Association = (sample: Sample) => Quantity;

/** By name: `pearson.<predictor>`, `spearman.<predictor>`, and `partial.<of>`. */
export function selectAssociations(
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

type Points = readonly { readonly x: number; readonly value: number }[];

/** At the places that all of them have, in order; series without any point are left out. */
export function sampleAtPlaces(loss: Points, predictors: Readonly<Record<string, Points>>): Sample {
  const byPlace = (points: Points) => new Map(points.map(({ x, value }) => [x, value]));
  const losses = byPlace(loss);
  const columns = Object.entries(predictors)
    .filter(([, points]) => points.length > 0)
    .map(([name, points]) => [name, byPlace(points)] as const);
  const places = [...losses.keys()]
    .filter((x) => columns.every(([, column]) => column.has(x)))
    .sort((a, b) => a - b);
  return {
    loss: places.map((x) => losses.get(x)!),
    predictors: Object.fromEntries(
      columns.map(([name, column]) => [name, places.map((x) => column.get(x)!)]),
    ),
  };
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

/** Percentile intervals of the associations over the places; null where too few resamples have one. */
export function intervalsOverPlaces(
  sample: Sample,
  associations: readonly Association[],
): readonly (Interval | null)[] {
  return bootstrapIntervals((generator) => {
    const drawn = resampled(sample, drawIndices(generator, sample.loss.length));
    return associations.map((association) => association(drawn).value);
  });
}
