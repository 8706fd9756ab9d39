/** The rows of one t: how well a detector's distances tell attacked from clean images, and noise from clean ones. */
import type { attackedDetectionSeries } from '../../../experiment/catalogue/series/detection.js';
import { absent, mean, quantity, type Quantity } from '../../../experiment/records/quantity.js';
import { row, rows, type SeriesRow } from '../../../experiment/records/rows.js';
import {
  auroc,
  aurocDifference,
  aurocInterval,
  type Auroc,
} from '../../../numerics/detection/auroc.js';
import { binomialInterval } from '../../../numerics/detection/binomial.js';
import { countAbove, thresholdAt } from '../../../numerics/detection/operating-point.js';
import type { Ends } from './manifolds.js';
import type { Detected, DetectedSource } from './measure-source.js';

type Row = SeriesRow<'detection'>;

/** Images that the network gets wrong without an attack take no part, on either side. */
export function detectionRows(t: number, found: Detected): readonly Row[] {
  const negatives = where(found.calibration, found.calibrationCorrect);
  return [
    ...cleanRows(t, where(found.clean, found.correct), negatives),
    ...found.sources.flatMap((source) => sourceRows(t, found, source, negatives)),
  ];
}

function cleanRows(t: number, clean: Float32Array, negatives: Float32Array): readonly Row[] {
  const n = clean.length;
  const threshold = thresholdAt(negatives, 0.05);
  const { low, high } = binomialInterval(countAbove(clean, threshold), n);
  const bound = (value: number): Quantity => known(100 * value, [clean, negatives]);
  return rows(
    'detection',
    { x: t, n },
    {
      clean_distance: meanOf(clean),
      false_alarms: shareAbove(clean, threshold, negatives),
      ...{ false_alarms_low: bound(low), false_alarms_high: bound(high) },
    },
  );
}

function sourceRows(
  t: number,
  { correct, calibrationCorrect, calibrationEnds }: Detected,
  { name, counts, wrong, attacked, noise, ends }: DetectedSource,
  negatives: Float32Array,
): readonly Row[] {
  const chosen = counts.map((one, i) => one * correct[i]!);
  const positives = where(attacked, chosen);
  const area = auroc({ positives, negatives });
  const byEnd = (end: keyof Ends<unknown>, of: Ends<Float32Array>): Quantity =>
    areaValue(where(of[end], chosen), where(calibrationEnds![end], calibrationCorrect));
  const values = {
    ...areaValues(area, [positives, negatives]),
    tpr_1: shareAbove(positives, thresholdAt(negatives, 0.01), negatives),
    tpr_5: shareAbove(positives, thresholdAt(negatives, 0.05), negatives),
    attacked_distance: meanOf(positives),
    attacked_error: meanOf(where(wrong, chosen).map((one) => 100 * one)),
    ...(noise ? noiseValues(area, where(noise, chosen), negatives) : {}),
    ...(ends && calibrationEnds
      ? { auroc_start: byEnd('start', ends), auroc_end: byEnd('end', ends) }
      : {}),
  } satisfies { readonly [Name in keyof typeof attackedDetectionSeries]?: Quantity };
  return Object.entries(values).map(([series, value]) =>
    row('detection', `${series as keyof typeof values}:${name}`, { x: t, n: value.n! }, value),
  );
}

function areaValues(area: Auroc, lists: readonly [Float32Array, Float32Array]) {
  const { low, high } = aurocInterval(area);
  return {
    auroc: known(area.area, lists),
    ...{ auroc_low: known(low, lists), auroc_high: known(high, lists) },
  };
}

function noiseValues(attacked: Auroc, positives: Float32Array, negatives: Float32Array) {
  const area = auroc({ positives, negatives });
  const { difference, low, high } = aurocDifference(attacked, area);
  const lists = [positives, negatives] as const;
  return {
    noise_distance: meanOf(positives),
    ...{ auroc_noise: known(area.area, lists), auroc_gain: known(difference, lists) },
    ...{ auroc_gain_low: known(low, lists), auroc_gain_high: known(high, lists) },
  };
}

function areaValue(positives: Float32Array, negatives: Float32Array): Quantity {
  return known(auroc({ positives, negatives }).area, [positives, negatives]);
}

/** Per cent of the distances above a threshold that the negatives decided. */
function shareAbove(distances: Float32Array, threshold: number, negatives: Float32Array): Quantity {
  const share = (100 * countAbove(distances, threshold)) / distances.length;
  return known(share, [distances, negatives]);
}

/** An interval needs two values on either side. */
const fewest = 2;

/** A statistic of both lists; NaN where a distance is none, absent where a list has too few. */
function known(
  value: number,
  [positives, negatives]: readonly [Float32Array, Float32Array],
): Quantity {
  const n = positives.length;
  if (Math.min(n, negatives.length) < fewest) return absent('too-few', n);
  const broken = positives.some(Number.isNaN) || negatives.some(Number.isNaN);
  return quantity(broken ? NaN : value, n);
}

function meanOf(values: Float32Array): Quantity {
  return quantity(mean([...values]), values.length);
}

function where(values: Float32Array, chosen: Float32Array): Float32Array {
  return values.filter((_, i) => chosen[i] === 1);
}
