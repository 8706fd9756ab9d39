/** Auto-PGD: gradient ascent with adaptive step size (Croce and Hein 2020). */
import { z } from 'zod';
import type { AttackBase, AttackChecks } from './attack-fields.js';
import {
  caption,
  checkDlr,
  checkTargets,
  declareAttack,
  startsText,
  withoutDefaultSchedule,
} from './declaration.js';
import * as fields from './schema-fields.js';

const schema = z.strictObject({
  method: z.literal('apgd').describe('gradient ascent with adaptive step size (Auto-PGD)'),
  ...{ norm: fields.norm, epsilon: fields.epsilon, steps: fields.steps.default(100) },
  loss: z.enum(['ce', 'dlr']).default('ce').describe('loss to maximise'),
  targets: fields.targets
    .optional()
    .describe('number of target classes, the most likely first (default: untargeted)'),
  ...{ restarts: fields.restarts.default(1), stopAtSuccess: fields.stopAtSuccess },
  checks: fields.checks.prefault({}),
  ...fields.shared,
});

export interface ApgdMethod extends AttackBase {
  readonly method: 'apgd';
  readonly steps: number;
  readonly loss: 'ce' | 'dlr';
  /** Number of target classes, the most likely first; absent: untargeted. */
  readonly targets?: number;
  readonly restarts: number;
  /** Whether images that a restart has misclassified leave; absent: every restart goes over all images. */
  readonly stopAtSuccess?: true;
  readonly checks: AttackChecks;
}

export const apgd = declareAttack({
  schema,
  plan: ({ stopAtSuccess = false, ...own }): ApgdMethod => ({
    ...own,
    ...(stopAtSuccess ? { stopAtSuccess } : {}),
    checks: withoutDefaultSchedule(own.checks, own.norm),
  }),
  check: ({ targets, loss, restarts, stopAtSuccess }, limits) =>
    checkTargets(targets, limits) ??
    (stopAtSuccess === true && (restarts === 1 || targets !== undefined)
      ? ['stopAtSuccess', 'it is for restarts without targets; with targets images leave anyway']
      : null) ??
    (loss === 'dlr' ? checkDlr('loss', targets !== undefined, limits) : null),
  work: ({ steps, restarts, targets = 1, checks }) => steps * restarts * targets + checks.queries,
  describe(config) {
    const { steps, loss, targets, restarts } = config;
    const towards = targets === undefined ? '' : `towards ${targets} classes`;
    return caption(config, `APGD on ${loss}`, `${steps} steps`, towards, startsText(restarts));
  },
});
