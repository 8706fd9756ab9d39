/** PGD, FGSM and BIM: projected gradient ascent. */
import { z } from 'zod';
import { ascent } from '../config/ascent.js';
import { positive } from '../config/fields.js';
import { toNumber } from '../fraction-text.js';
import {
  attackLosses,
  type AttackBase,
  type AttackChecks,
  type AttackLossName,
  type AttackTarget,
} from './attack-fields.js';
import {
  caption,
  checkDlr,
  declareAttack,
  startsText,
  withoutDefaultSchedule,
  type AttackMistake,
  type DatasetLimits,
} from './declaration.js';
import * as fields from './schema-fields.js';

const schema = z
  .strictObject({
    method: z.literal('pgd').optional().describe('projected gradient ascent (default)'),
    ...{ epsilon: fields.epsilon, stepSize: fields.stepSize, steps: fields.steps },
    randomStart: ascent.randomStart,
    restarts: fields.restarts
      .optional()
      .describe('random starts per image, of which the worst outcome counts (default 1)'),
    stopAtSuccess: fields.stopAtSuccess,
    norm: fields.norm,
    loss: z.enum(attackLosses).optional().describe('loss to maximise (default ce)'),
    confidence: z
      .number()
      .min(0)
      .max(1000)
      .optional()
      .describe('Carlini-Wagner margin kappa for loss: cw (default 0)'),
    target: fields.target.optional(),
    momentum: positive
      .max(1)
      .optional()
      .describe('decay factor of earlier gradients (default: none)'),
    pixels: z
      .int()
      .min(1)
      .optional()
      .describe('number of pixels that one l1 step changes (default 1)'),
    checks: fields.checks.optional(),
    ...fields.shared,
  })
  .refine(({ restarts = 1, randomStart }) => restarts === 1 || randomStart, {
    path: ['restarts'],
    message: 'without randomStart every restart is the same attack; set it, or leave this out',
  })
  .refine(({ restarts = 1, stopAtSuccess }) => restarts > 1 || stopAtSuccess !== true, {
    path: ['stopAtSuccess'],
    message: 'without restarts there is nothing to stop; leave it out',
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

export interface PgdMethod extends AttackBase {
  readonly method?: undefined;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  /** Random starts per image, of which the worst counts; absent: 1. */
  readonly restarts?: number;
  /** Whether images that a restart has misclassified leave; absent: every restart goes over all images. */
  readonly stopAtSuccess?: true;
  /** Absent: cross-entropy. */
  readonly loss?: AttackLossName;
  /** Carlini-Wagner margin of the loss cw; absent: 0. */
  readonly confidence?: number;
  /** Absent: untargeted. */
  readonly target?: AttackTarget;
  /** Absent: none. */
  readonly momentum?: number;
  /** Number of pixels that one l1 step changes; absent: 1. */
  readonly pixels?: number;
  /** Absent: none. */
  readonly checks?: AttackChecks;
}

export const pgd = declareAttack({
  schema,
  plan({
    method: _method,
    restarts = 1,
    stopAtSuccess = false,
    loss = 'ce',
    confidence = 0,
    pixels = 1,
    checks,
    ...rest
  }): PgdMethod {
    return {
      ...rest,
      ...(restarts === 1 ? {} : { restarts }),
      ...(stopAtSuccess ? { stopAtSuccess } : {}),
      ...(loss === 'ce' ? {} : { loss }),
      ...(confidence === 0 ? {} : { confidence }),
      ...(pixels === 1 ? {} : { pixels }),
      ...(checks ? { checks: withoutDefaultSchedule(checks, rest.norm) } : {}),
    };
  },
  check({ target, loss, pixels }, limits) {
    return (
      checkTarget(target, limits) ??
      (loss === 'dlr' ? checkDlr('loss', target !== undefined, limits) : null) ??
      (pixels !== undefined && pixels > limits.pixels
        ? ['pixels', `an image has ${limits.pixels}`]
        : null)
    );
  },
  work: ({ steps, restarts = 1, checks }) => steps * restarts + (checks?.queries ?? 0),
  describe(config) {
    const { steps, loss = 'ce', target, restarts } = config;
    const name = loss === 'ce' ? 'PGD' : `PGD on ${loss}`;
    const towards = target ? 'towards a class' : '';
    return caption(config, name, `${steps} steps`, towards, startsText(restarts));
  },
});

function checkTarget(
  target: AttackTarget | undefined,
  { classes }: DatasetLimits,
): AttackMistake | null {
  const others = classes - 1;
  const { class: one = 0, rank = 1 } = target ?? {};
  if (one > others) return ['target.class', `there are classes 0 to ${others}`];
  return rank > others ? ['target.rank', `there are ${others} other classes`] : null;
}
