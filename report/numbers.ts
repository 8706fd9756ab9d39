/** Numbers for people: one precision for a whole column, so that digits stand below each other. */
import { exists, type Quantity } from '../experiment/records/quantity.js';

const missing = '–';

/** Decimals that show `significant` digits of the largest number of a column, at most `most`. */
export function decimalsFor(values: readonly number[], significant = 4, most = 5): number {
  const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  if (largest === 0) return Math.min(significant - 1, most);
  return Math.min(most, Math.max(0, significant - 1 - Math.floor(Math.log10(largest))));
}

export function fixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined) return missing;
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return value.toFixed(decimals).replace(/^-(?=0(\.0*)?$)/, '');
}

/** A dash for what does not exist; a result that overflowed is shown as what it became. */
export function shown(one: Quantity | undefined, decimals: number): string {
  return one && exists(one) ? fixed(one.value, decimals) : missing;
}

/** A column of numbers with the same decimals. */
export function column(
  values: readonly (number | null | undefined)[],
  decimals?: number,
): string[] {
  const present = values.filter((value) => value !== null && value !== undefined);
  const digits = decimals ?? decimalsFor(present);
  return values.map((value) => fixed(value, digits));
}

export function seconds(value: number | null): string {
  if (value === null) return missing;
  if (value < 60) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [h, m, s] = parts as [number, number, number];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)} h` : `${m}:${two(s)} min`;
}

export function shortKey(key: string): string {
  return key.slice(0, 10);
}
