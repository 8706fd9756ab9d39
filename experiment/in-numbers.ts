/** Pixel quantities that a file may write as fractions, as the numbers that runs compute with. */
import { toNumber, type PixelQuantity } from './fraction-text.js';
import { isFields } from './sweep/paths.js';

const fields = ['epsilon', 'stepSize'] as const;
type Field = (typeof fields)[number];

export type InNumbers<T> = { [K in keyof T]: K extends Field ? number : T[K] };

/** The same with `epsilon` and `stepSize` as numbers: `8/255` has the key of 0.03137254901960784. */
export function inNumbers<T extends { readonly [F in Field]?: PixelQuantity }>(
  written: T,
): InNumbers<T> {
  const numbers = fields.flatMap((field) => {
    const quantity = written[field];
    return typeof quantity !== 'string' ? [] : [[field, toNumber(quantity)] as const];
  });
  return { ...written, ...Object.fromEntries(numbers) } as InNumbers<T>;
}

/** The same for all that lies within a configuration. */
export function allInNumbers(value: unknown): unknown {
  if (!isFields(value)) return value;
  const inner = Object.entries(value).map(([key, one]) => [
    key,
    key === lists && Array.isArray(one) ? one.map(inNumber) : allInNumbers(one),
  ]);
  return inNumbers(Object.fromEntries(inner));
}

/** The field that lists radii. */
const lists = 'epsilons';

function inNumber(quantity: unknown): unknown {
  return typeof quantity === 'string' ? toNumber(quantity) : quantity;
}
