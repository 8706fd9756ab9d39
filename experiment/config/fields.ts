/** Fields that several parts of an experiment file have. */
import { z } from 'zod';
import { fractionPattern, toNumber, type PixelQuantity } from '../fraction-text.js';

export const name = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,39}$/, 'use 1 to 40 letters, digits, ".", "_" or "-"');
/** Name of an entry: as it is written, or with the label of a sweep (`A@seed=1`). */
export const entryName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,39}(@[a-zA-Z0-9@=,._:+~-]{1,200})?$/,
    'use 1 to 40 letters, digits, ".", "_" or "-"',
  );
export const seed = z.int().min(0).max(0x7fffffff);
export const positive = z.number().positive();
export const fraction = z.number().min(0).max(1);

export const points = z
  .int()
  .min(2)
  .max(1001)
  .default(11)
  .describe('equally spaced values of t in [0,1]');

const asFraction = 'give a number, or a fraction such as 8/255';

/** In [0,1] pixel units: a number in this range, or a fraction as it is written, such as 8/255. */
export function pixels(range: z.ZodNumber): z.ZodType<PixelQuantity, PixelQuantity> {
  const text = z
    .string()
    .regex(fractionPattern, { error: asFraction, abort: true })
    .superRefine((written, context) => {
      const issues = range.safeParse(toNumber(written)).error?.issues ?? [];
      for (const { message } of issues) context.addIssue({ code: 'custom', message });
    });
  return z.union([range, text], { error: asFraction });
}
