/** Compares computed operations with values computed in float64 elsewhere (scripts/float64/operations.py). */
import expectedValues from './expected.json' with { type: 'json' };

/** A result in float64: its values at some positions, and what all of it adds up to. */
export interface ExpectedResult {
  readonly size: number;
  /** Largest absolute value. */
  readonly largest: number;
  /** Root of the sum of squares. */
  readonly norm: number;
  readonly positions: readonly number[];
  readonly values: readonly number[];
}

export type ExpectedResults = Readonly<Record<string, ExpectedResult>>;

export interface OperationCheck {
  readonly name: string;
  /** Largest difference over the largest value; infinite where something is no number, or of another size. */
  readonly error: number;
  readonly tolerance: number;
  readonly ok: boolean;
}

/**
 * float32 sums up to 1568 products here and errs by a few 1e-7; TF32 rounds its inputs by up to 2^-11 and errs by some
 * 1e-4. Between them lies what tells the two apart.
 */
export const tolerances = { float32: 1e-5, tf32: 5e-3 } as const;

/** In the order of the expected results. */
export function checkOperations(
  computed: ReadonlyMap<string, Float32Array>,
  precision: keyof typeof tolerances,
  expected: ExpectedResults = expectedValues,
): readonly OperationCheck[] {
  const tolerance = tolerances[precision];
  return Object.entries(expected).map(([name, result]) => {
    const found = computed.get(name);
    const error = found === undefined ? Infinity : largestError(found, result);
    return { name, error, tolerance, ok: error <= tolerance };
  });
}

function largestError(found: Float32Array, expected: ExpectedResult): number {
  if (found.length !== expected.size) return Infinity;
  const { largest, norm, positions, values } = expected;
  const total = Math.sqrt(found.reduce((sum, value) => sum + value * value, 0));
  const errors = values.map((value, i) => Math.abs(found[positions[i]!]! - value) / largest);
  const error = Math.max(Math.abs(total - norm) / norm, ...errors);
  return Number.isNaN(error) ? Infinity : error;
}
