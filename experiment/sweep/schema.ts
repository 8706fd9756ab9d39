/** Schema of `sweep:`; the shape alone, with its descriptions. */
import { z } from 'zod';
import { fractionPattern, toNumber } from '../fraction-text.js';

/** A number; a fraction such as 8/255 stands for one. */
const number = z.union([z.number(), z.string().regex(fractionPattern).transform(toNumber)], {
  error: 'give a number, or a fraction such as 8/255',
});

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'give a text, a number, true, false or null',
});
const ends = <T extends z.ZodType<number>>(what: T) => z.tuple([what, what]);

const range = {
  int: z.strictObject({ int: ends(z.int()).describe('from and to, both included') }),
  uniform: z.strictObject({ uniform: ends(number).describe('from and to') }),
  logUniform: z.strictObject({
    logUniform: ends(number.refine((end) => end > 0, 'must be more than 0')).describe(
      'from and to; uniform in the logarithm',
    ),
  }),
};

const values = z
  .union([z.array(z.json()).min(1), range.int, range.uniform, range.logUniform], {
    error: 'give a list of values, or a range: { int: [1, 5] }',
  })
  .describe('a list of values, or a range; continuous ranges in random only');

const axes = z.record(z.string().min(1), values).describe('fields (dotted paths) and their values');

const bounds = z
  .strictObject({
    not: z.union([scalar, z.array(scalar)]).optional(),
    lt: number.optional(),
    lte: number.optional(),
    gt: number.optional(),
    gte: number.optional(),
  })
  .describe('all of these hold');

const test = z.union([scalar, z.array(scalar), bounds], {
  error: 'give a value, a list of values, or comparisons: { not, lt, lte, gt, gte }',
});

const condition = z
  .record(z.string().min(1), test)
  .describe('axes and what each must be; all must hold');

const parts = {
  grid: axes.optional().describe('every combination of the values of its fields'),
  zip: axes.optional().describe('the first values together, the second values together, ...'),
  list: z
    .array(z.record(z.string().min(1), z.json()))
    .min(1)
    .optional()
    .describe('rows written out: the value of each field; `as` names a row'),
  random: z
    .strictObject({
      n: z.int().min(1).max(100_000).describe('how many draws'),
      seed: z.int().min(0).max(0x7fffffff).default(1),
      of: axes.describe('fields and the list or range each is drawn from'),
    })
    .optional()
    .describe('independent draws; the first n stay the same when n grows'),
  exclude: z
    .union([condition, z.array(condition)])
    .optional()
    .describe('leaves out the rows that fit it, or any of them'),
};

const conditional = z.strictObject({
  if: condition.describe('the rows that this is for'),
  grid: parts.grid,
  zip: parts.zip,
  list: parts.list,
  random: parts.random,
});

/** One level of union is enough: a union of unions is a union. */
const alternative = z.strictObject(parts);

export const sweepSchema = z
  .strictObject({
    ...parts,
    union: z.array(alternative).min(1).optional().describe('the rows of all of these'),
    when: z
      .array(conditional)
      .min(1)
      .optional()
      .describe('more axes for the rows that fit; the others stay as they are'),
  })
  .describe('one entry for every row: its parts are multiplied with each other');

/** How the ends of a curve are combined when they are swept. */
const pairings = ['match', 'index', 'every'] as const;
export const curveSweepSchema = sweepSchema.extend({
  pair: z
    .enum(pairings)
    .default('match')
    .describe(
      'of swept ends: match, those with equal values of their common axes; index, first with first; every, all pairs',
    ),
});

export type SweepBlock = z.output<typeof sweepSchema>;
export type CurveSweep = z.output<typeof curveSweepSchema>;
export type Axes = z.output<typeof axes>;
export type AxisValues = z.output<typeof values>;
export type Condition = z.output<typeof condition>;
export type Test = z.output<typeof test>;
export type RandomAxes = NonNullable<SweepBlock['random']>;
