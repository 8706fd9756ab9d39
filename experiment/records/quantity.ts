/** Measured values, and values that do not exist: each with its reason and the number of values that it is over. */

/** The closed set of reasons for a stored value that is no finite number, each as a sentence for people. */
export const absenceReasons = {
  overflow:
    'the result itself left the range of its numbers: float32 in a network, float64 in a statistic',
  'no-values': 'none of the values that it is over exists',
  'too-few': 'it needs more values than there are',
  constant: 'a series that does not vary has no correlation',
  explained: 'nothing varies once the third series is taken out',
  unstable: 'more than half of the bootstrap resamples have no value',
  'zero-length': 'the path has length zero and the series varies along it',
  'zero-gradient': 'the gradient of the loss is exactly zero and has no direction',
  'zero-curvature': 'the Hessian is exactly zero and has no top eigenvector',
  'zero-reference': 'it is relative to a value that is exactly zero',
  unrecorded: 'it was stored before reasons were kept, and may be a result that overflowed',
} as const satisfies Readonly<Record<string, string>>;

export type AbsenceReason = keyof typeof absenceReasons;
export const absenceNames = Object.keys(absenceReasons) as readonly AbsenceReason[];

/** A finite number. */
export interface Present {
  readonly value: number;
  /** Number of values that it is over; left out where what it is says so. */
  readonly n?: number;
  readonly reason?: undefined;
}

/** Reasons that may stand beside a true result. */
export const resultReasons = ['overflow', 'unrecorded'] as const satisfies readonly AbsenceReason[];

/** An infinity, or NaN, as computed. It enters further statistics: a diverged network must stay visible. */
export interface Overflow {
  readonly value: number;
  readonly n: number;
  readonly reason: (typeof resultReasons)[number];
}

/** A value that does not exist. It enters nothing. */
export interface Absent {
  /** NaN. */
  readonly value: number;
  /** Number of values that there were for it. */
  readonly n: number;
  readonly reason: Exclude<AbsenceReason, Overflow['reason']>;
}

export type Quantity = Present | Overflow | Absent;

/** The result of a computation over n values; `no-values` over none. */
export function quantity(value: number, n: number): Quantity {
  if (n === 0) return absent('no-values', 0);
  return Number.isFinite(value) ? { value, n } : { value, n, reason: 'overflow' };
}

export function absent(reason: Absent['reason'], n: number): Absent {
  return { value: NaN, n, reason };
}

/** Whether it enters statistics: a finite number, or a result that overflowed. */
export function exists<Q extends Quantity>(one: Q): one is Exclude<Q, Absent> {
  return one.reason === undefined || isResult(one.reason);
}

export function isResult(reason: AbsenceReason): reason is Overflow['reason'] {
  return (resultReasons as readonly AbsenceReason[]).includes(reason);
}

/** `statistic` of those that exist. Where none does, the reason is theirs if they share one. */
export function overExisting(
  all: readonly Quantity[],
  statistic: (values: readonly number[]) => number,
): Quantity {
  const values = all.filter(exists).map(({ value }) => value);
  if (values.length > 0) return quantity(statistic(values), values.length);
  const [reason, ...others] = new Set(all.map((one) => one.reason));
  const shared = reason !== undefined && !isResult(reason) && others.length === 0;
  return absent(shared ? reason : 'no-values', 0);
}

/** part / |whole|: 0 where both are 0, absent where only the whole is. */
export function relative(part: number, whole: number): Quantity {
  if (part === 0) return quantity(0, 1);
  return whole === 0 ? absent('zero-reference', 1) : quantity(part / Math.abs(whole), 1);
}

/** NaN if any is NaN, unlike a comparison. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

export function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
