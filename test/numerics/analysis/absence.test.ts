// No finite input gives a NaN or an infinity without its reason, whatever zeros, constants and extremes it holds.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choosePoint } from '../../../activities/choose-point.js';
import { expansionMeans } from '../../../engine/kinds/spectrum/expansion-columns.js';
import { summarisePath } from '../../../activities/summarise-path.js';
import type { InputSpectrumSpec } from '../../../experiment/kinds/spectrum/input-spectrum.js';
import {
  absenceReasons,
  largest,
  mean,
  overExisting,
  quantity,
  relative,
  smallest,
  type Quantity,
} from '../../../experiment/records/quantity.js';
import { metricRowSchema } from '../../../experiment/records/record-schemas.js';
import { withReason, type MetricRow } from '../../../experiment/records/records.js';
import { barrierOverLine, barrierOverMean } from '../../../numerics/analysis/barrier.js';
import { bootstrapIntervals, drawIndices } from '../../../numerics/analysis/bootstrap.js';
import { partialCorrelation, pearson, spearman } from '../../../numerics/analysis/correlation.js';
import { expandLoss, inputGradient } from '../../../numerics/curvature/measures/input-expansion.js';
import { softmax } from '../../../numerics/curvature/operators/input-jacobian.js';
import {
  summariseSpectrum,
  type ImageEigenvalue,
} from '../../../numerics/curvature/measures/input-spectrum.js';
import { norm } from '../../../numerics/curvature/algorithms/vectors.js';
import { arcLengthMean } from '../../../numerics/analysis/path-mean.js';
import { moments } from '../../../report/view/moments.js';
import { overAxis } from '../../../report/tables/over-axis.js';
import type { CurveView, ExperimentView } from '../../../report/view/records.js';

/** Zeros, repeats, and both ends of float64. */
const extreme = fc.constantFrom(0, -0, 1, 1, -1, 0.1, 1e300, -1e300, 1e-300, 5e-324, -3e-308);
const value = fc.oneof(extreme, fc.double({ noNaN: true, min: -1e300, max: 1e300 }));
const constant = fc
  .tuple(value, fc.integer({ min: 1, max: 6 }))
  .map(([v, n]) => Array<number>(n).fill(v));
const values = fc.oneof(constant, fc.array(value, { minLength: 1, maxLength: 6 }));
/** As many values for each series. */
const columns = (count: number) =>
  fc.integer({ min: 1, max: 6 }).chain((n) => {
    const column = fc.oneof(
      value.map((v) => Array<number>(n).fill(v)),
      fc.array(value, { minLength: n, maxLength: n }),
    );
    return fc.array(column, { minLength: count, maxLength: count });
  });

function sound(
  found: Quantity,
  options: { readonly overflow: boolean } = { overflow: true },
): void {
  if (found.reason === undefined) {
    expect(Number.isFinite(found.value)).toBe(true);
    return;
  }
  expect(Object.keys(absenceReasons)).toContain(found.reason);
  expect(Number.isFinite(found.value)).toBe(false);
  expect(found.n).toBeGreaterThanOrEqual(0);
  if (!options.overflow) expect(found.reason).not.toBe('overflow');
}

const never = { overflow: false };
const ts = (n: number) => Array.from({ length: n }, (_, i) => (n === 1 ? 0 : i / (n - 1)));
const points = (series: string, all: readonly number[]): MetricRow[] =>
  ts(all.length).map((x, i) => withReason({ series, x, value: all[i]! }));

describe('of finite values', () => {
  test('correlations exist or say why not, whatever the scale', () => {
    fc.assert(
      fc.property(columns(3), ([a, b, c]) => {
        sound(pearson(a!, b!), never);
        sound(spearman(a!, b!), never);
        sound(partialCorrelation(a!, b!, c!), never);
      }),
      { numRuns: 500 },
    );
  });

  test('a correlation is the same at every scale', () => {
    const [a, b] = [
      [1, 2, 4, 3],
      [2, 1, 5, 7],
    ];
    for (const scale of [1e300, 1e-300, 1e-160]) {
      const scaled = a.map((one) => one * scale);
      expect(pearson(scaled, b).value).toBeCloseTo(pearson(a, b).value, 12);
    }
  });

  test('barriers and means over a path exist or say why not', () => {
    fc.assert(
      fc.property(columns(2), ([series, steps]) => {
        const lengths: number[] = [];
        for (const step of steps!) lengths.push((lengths.at(-1) ?? 0) + Math.abs(step) / 10);
        const path = ts(series!.length).map((x, i) => ({ x, value: series![i]! }));
        const found = [barrierOverLine(path), barrierOverMean(path)];
        for (const { height, at } of found) {
          sound(height);
          sound(at);
        }
        sound(arcLengthMean(series!, lengths), never);
      }),
      { numRuns: 500 },
    );
  });

  test('bootstrap intervals exist or are none', () => {
    fc.assert(
      fc.property(columns(2), ([a, b]) => {
        const options = { seed: 1, resamples: 20, level: 0.95 };
        const [interval] = bootstrapIntervals((generator) => {
          const drawn = drawIndices(generator, a!.length);
          const pick = (all: readonly number[]) => drawn.map((i) => all[i]!);
          return [pearson(pick(a!), pick(b!)).value];
        }, options);
        if (interval === null) return;
        expect(Number.isFinite(interval!.low) && Number.isFinite(interval!.high)).toBe(true);
      }),
    );
  });

  test('what is taken over values that exist is over those alone, and quotients are none over 0', () => {
    fc.assert(
      fc.property(values, value, value, (all, part, whole) => {
        for (const statistic of [largest, smallest, mean]) {
          sound(
            overExisting(
              all.map((v) => quantity(v, 1)),
              statistic,
            ),
          );
        }
        sound(relative(part, whole));
        const { mean: middle, sd } = moments(all);
        sound(middle);
        sound(sd);
        expect(Number.isFinite(norm(Float64Array.from(all, (v) => v / 10)))).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(relative(0, 0)).toEqual({ value: 0, n: 1 });
    expect(relative(1, 0)).toMatchObject({ reason: 'zero-reference' });
    expect(overExisting([], mean)).toMatchObject({ reason: 'no-values', n: 0 });
  });

  test('every row of a summary may be stored', () => {
    fc.assert(
      fc.property(columns(4), ([clean, robust, curvature, steps]) => {
        const evaluated = [
          'train_nll',
          'train_loss',
          'train_error',
          'test_nll',
          'test_loss',
          'test_error',
          'validation_nll',
        ];
        const lengths = steps!.map((_, i) =>
          steps!.slice(0, i + 1).reduce((s, v) => s + Math.abs(v) / 10, 0),
        );
        const inputs = [
          {
            role: 'evaluation' as const,
            rows: [
              ...evaluated.flatMap((name) => points(name, clean!)),
              ...points('arc_length', lengths),
            ],
          },
          { role: 'attack:pgd' as const, rows: points('robust_nll', robust!) },
          {
            role: 'spectrum' as const,
            rows: [...points('eigenvalue_mean', curvature!), ...points('gradient_l1_mean', clean!)],
          },
        ];
        for (const row of [...summarisePath(inputs), ...choosePoint(inputs, 0.1)]) {
          expect(metricRowSchema.parse(row)).toEqual(row);
        }
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  test('spreads over an axis exist or say why not', () => {
    fc.assert(
      fc.property(fc.array(columns(3), { minLength: 1, maxLength: 3 }), (members) => {
        const curves = members.map(([statistic, loss, curvature], i) =>
          curveOf(i, statistic![0]!, loss!, curvature!),
        );
        for (const { mean: middle, sd, low, high } of overAxis(
          { curves } as unknown as ExperimentView,
          'seed',
        )) {
          for (const one of [middle, sd, low, high]) sound(one);
        }
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});

function curveOf(
  seed: number,
  barrier: number,
  loss: readonly number[],
  curvature: readonly number[],
): CurveView {
  const fitted = {
    ...{ kind: 'curve', statistics: { 'test_error.barrier': barrier } },
    attacks: [{ name: 'pgd', series: { robust_nll: points('robust_nll', loss) } }],
    spectrum: { images: 1, epsilon: null, series: { eigenvalue_mean: points('e', curvature) } },
  };
  const name = `A-B@seed=${seed}`;
  return { name, swept: name, fitted, line: null } as unknown as CurveView;
}

describe('of one image', () => {
  const logit = fc.constantFrom(0, 1, -1, 50, -50, 2.6e9, -2.6e9, 3e38, -3e38, 1e-30);
  const slope = fc.constantFrom(0, 0, 1, -1, 1e-30, 1e15, -1e15);
  const image = fc.tuple(
    fc.array(logit, { minLength: 3, maxLength: 3 }),
    fc.array(slope, { minLength: 6, maxLength: 6 }),
    fc.nat(2),
    fc.constantFrom(0, 1e-300, 2),
  );
  const spec = { gradients: true, prediction: { epsilon: 0.1 } } as InputSpectrumSpec;

  test('whatever it is sure of, losses are finite and the rest exists or says why not', () => {
    fc.assert(
      fc.property(image, ([logits, slopes, label, eigenvalue]) => {
        const rows = [0, 2, 4].map((from) => Float64Array.from(slopes.slice(from, from + 2)));
        const gradient = inputGradient({ rows, ...softmax(Float32Array.from(logits)) }, label);
        expect(Number.isFinite(gradient.nll)).toBe(true);
        const vector = Float64Array.of(0.6, 0.8);
        const expansion = expandLoss(gradient, { eigenvalue, vector }, Float64Array.of(1, -1));
        sound(expansion.alignment, never);
        const found = { ...eigenvalueOf(eigenvalue, eigenvalue), expansion };
        for (const [, one] of expansionMeans(spec, [found])) sound(one, never);
      }),
      { numRuns: 500 },
    );
  });

  test('summaries of eigenvalues of exactly 0 exist or say why not', () => {
    const summary = summariseSpectrum([
      eigenvalueOf(0, 0),
      { ...eigenvalueOf(0, 0), residual: 1e-9 },
    ]);
    expect(summary.maxResidual).toEqual({ value: 0, n: 1 });
    expect(summary.closedFormDifference).toEqual({ value: 0, n: 2 });
    const none = summariseSpectrum([eigenvalueOf(1e-9, 0)]);
    expect(none.closedFormDifference).toMatchObject({ reason: 'zero-reference', n: 0 });
  });
});

function eigenvalueOf(eigenvalue: number, closedForm: number): ImageEigenvalue {
  return { eigenvalue, closedForm, residual: 0, iterations: 1, converged: true, stop: 'converged' };
}

test('means leave out the images for which a value does not exist', () => {
  const spec = { gradients: true } as InputSpectrumSpec;
  const of = (gradient: readonly number[]) =>
    ({
      ...eigenvalueOf(1, 1),
      expansion: expandLoss(
        { nll: 0, gradient: Float64Array.from(gradient) },
        { eigenvalue: 1, vector: Float64Array.of(1, 0) },
        null,
      ),
    }) satisfies ImageEigenvalue;
  const means = new Map(expansionMeans(spec, [of([0, 0]), of([3, 4]), of([2, 0])]));
  expect(means.get('alignment_mean')!.value).toBeCloseTo((0.6 + 1) / 2, 14);
  expect(means.get('alignment_mean')!.n).toBe(2);
  expect(means.get('gradient_l1_mean')).toEqual({ value: 3, n: 3 });
  expect(expansionMeans(spec, [of([0, 0])])[2]![1]).toMatchObject({
    reason: 'zero-gradient',
    n: 0,
  });
});
