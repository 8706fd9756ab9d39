/** What an experiment file may say about an attack along paths; which fields there are, `method` decides. */
import { z } from 'zod';
import { attackLosses, attackNorms, squareSchedules } from '../catalogue/attack-methods.js';
import { toNumber } from '../fraction-text.js';
import { ascent } from './ascent.js';
import { pixels, points, positive, seed } from './fields.js';

const shared = {
  images: z.int().min(1).describe('number of test images, from the first'),
  keepImages: z
    .boolean()
    .optional()
    .describe('also store the adversarial examples of every t (default false)'),
  points,
  seed: seed.default(1),
};

const epsilon = pixels(z.number().min(0).max(100_000)).describe(
  'radius of the ball in its norm, pixels in [0,1]; at most 1 for linf; a number, or a fraction such as 8/255; 0: the clean images',
);

const stepSize = pixels(positive.max(100_000)).describe(
  'length of one step, in the norm; a number, or a fraction such as 2/255',
);

const norm = z.enum(attackNorms).default('linf');
const restarts = z.int().min(1).max(1000);
const steps = z.int().min(1).max(1000);
const queries = z.int().min(1).max(100_000);
const targets = z.int().min(1).max(999);

const schedule = z
  .enum(squareSchedules)
  .optional()
  .describe(
    'when squares get smaller: scaled to the queries, or fixed as for 10,000; if left out, by the norm',
  );

const checks = z
  .strictObject({
    queries: z
      .int()
      .min(0)
      .max(100_000)
      .default(500)
      .describe('of the Square Attack on the images standing at the end; 0: none'),
    schedule,
  })
  .describe('also record zero gradients, falling losses, randomness, and what Square would find');

const target = z
  .strictObject({
    class: z.int().min(0).optional().describe('the same class for every image'),
    rank: z.int().min(1).optional().describe('the rank-th most likely of its other classes'),
  })
  .refine(({ class: one, rank }) => (one === undefined) !== (rank === undefined), {
    message: 'give either class or rank',
  })
  .describe('the class to be taken for; any other than its own if left out');

const pgd = z
  .strictObject({
    method: z.literal('pgd').optional().describe('projected gradient ascent, if left out'),
    ...{ epsilon, stepSize, steps, randomStart: ascent.randomStart },
    restarts: restarts
      .optional()
      .describe('random starts per image, of which the worst outcome counts; 1 if left out'),
    norm,
    loss: z.enum(attackLosses).optional().describe('what is made large; ce if left out'),
    confidence: z
      .number()
      .min(0)
      .max(1000)
      .optional()
      .describe('of loss: cw, by how much the wrong class is to lead; 0 if left out'),
    target: target.optional(),
    momentum: positive.max(1).optional().describe('share of earlier gradients; none if left out'),
    pixels: z.int().min(1).optional().describe('that one l1 step changes; 1 if left out'),
    checks: checks.optional(),
    ...shared,
  })
  .refine(({ restarts = 1, randomStart }) => restarts === 1 || randomStart, {
    path: ['restarts'],
    message: 'without randomStart every restart is the same attack; set it, or leave this out',
  })
  .refine(({ norm, stepSize }) => norm !== 'linf' || toNumber(stepSize) <= 1, {
    path: ['stepSize'],
    message: 'linf is in [0,1] pixel units: give at most 1',
  })
  .refine(({ loss, confidence }) => confidence === undefined || loss === 'cw', {
    path: ['confidence'],
    message: 'only loss: cw has one',
  })
  .refine(({ norm, pixels }) => pixels === undefined || norm === 'l1', {
    path: ['pixels'],
    message: 'only norm: l1 has them',
  });

const targetsOfAll = targets
  .optional()
  .describe('how many of the most likely other classes, one by one; 9 or all if left out');

const apgd = z.strictObject({
  method: z.literal('apgd').describe('ascent that halves its steps where it does not get on'),
  ...{ norm, epsilon, steps: steps.default(100) },
  loss: z.enum(['ce', 'dlr']).default('ce'),
  targets: targets
    .optional()
    .describe('most likely other classes to aim at, one by one; any, if left out'),
  ...{ restarts: restarts.default(1), checks: checks.prefault({}) },
  ...shared,
});

const fab = z.strictObject({
  method: z
    .literal('fab')
    .describe('the nearest misclassified image, towards one class after another'),
  ...{ norm, epsilon, steps: steps.default(100), targets: targetsOfAll },
  ...{ restarts: restarts.default(1), checks: checks.prefault({}) },
  ...shared,
});

const square = z.strictObject({
  method: z.literal('square').describe('random search, without gradients'),
  ...{ norm, epsilon, queries: queries.default(5000), schedule, restarts: restarts.default(1) },
  ...shared,
});

const autoattack = z.strictObject({
  method: z
    .literal('autoattack')
    .describe('APGD, APGD towards classes, FAB and Square, on what each leaves standing'),
  ...{ norm, epsilon, steps: steps.default(100).describe('of APGD and FAB') },
  ...{ targets: targetsOfAll, queries: queries.default(5000).describe('of Square'), schedule },
  ...shared,
});

const methods = { pgd, apgd, fab, square, autoattack };

/** What an attack of this method may say; null: there is no such method. */
export function attackFields(method: unknown = 'pgd'): readonly string[] | null {
  const schema = Object.entries(methods).find(([name]) => name === method)?.[1];
  return schema ? Object.keys(schema.shape) : null;
}

/** Of any method. */
export const allAttackFields: readonly string[] = [
  ...new Set(Object.values(methods).flatMap(({ shape }) => Object.keys(shape))),
];

export const attack = z
  .discriminatedUnion('method', [pgd, apgd, fab, square, autoattack])
  .refine(({ norm, epsilon }) => norm !== 'linf' || toNumber(epsilon) <= 1, {
    path: ['epsilon'],
    message: 'linf is in [0,1] pixel units: give at most 1',
  });

export type AttackConfig = z.output<typeof attack>;
