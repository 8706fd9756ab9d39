/** Pixel quantities as papers write them: `8/255` is a fraction of the pixel range. */

/** A number, or a fraction of two numbers as it is written in the file. */
export type PixelQuantity = number | string;

export const fractionPattern = /^\d+(\.\d+)?\/\d+(\.\d+)?$/;

/** The number that is meant; NaN for a text that is no fraction. */
export function toNumber(quantity: PixelQuantity): number {
  if (typeof quantity === 'number') return quantity;
  if (!fractionPattern.test(quantity)) return NaN;
  const [numerator, denominator] = quantity.split('/').map(Number) as [number, number];
  return numerator / denominator;
}

/** The number that a value stands for in a comparison; null where it stands for none. */
export function magnitude(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && fractionPattern.test(value) ? toNumber(value) : null;
}
