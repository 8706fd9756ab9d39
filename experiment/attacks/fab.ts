/** FAB: the nearest misclassified image (Croce and Hein 2020, Fast Adaptive Boundary). */
import { z } from 'zod';
import type { AttackBase, AttackChecks } from './attack-fields.js';
import {
  caption,
  checkTargets,
  declareAttack,
  defaultTargets,
  startsText,
  withoutDefaultSchedule,
} from './declaration.js';
import * as fields from './schema-fields.js';

const schema = z.strictObject({
  method: z
    .literal('fab')
    .describe('search for the nearest misclassified image, one target class after another'),
  ...{ norm: fields.norm, epsilon: fields.epsilon, steps: fields.steps.default(100) },
  targets: fields.targetsOfAll,
  ...{ restarts: fields.restarts.default(1), checks: fields.checks.prefault({}) },
  ...fields.shared,
});

export interface FabMethod extends AttackBase {
  readonly method: 'fab';
  readonly steps: number;
  readonly targets: number;
  readonly restarts: number;
  readonly checks: AttackChecks;
}

export const fab = declareAttack({
  schema,
  plan: (own, limits): FabMethod => ({
    ...{ ...own, targets: own.targets ?? defaultTargets(limits) },
    checks: withoutDefaultSchedule(own.checks, own.norm),
  }),
  check: ({ targets }, limits) => checkTargets(targets, limits),
  work: ({ steps, restarts, targets, checks }) => steps * restarts * targets + checks.queries,
  describe: (config) =>
    caption(config, 'FAB', `${config.steps} steps`, startsText(config.restarts)),
});
