/** AutoAttack: the standard sequence of attacks (Croce and Hein 2020). */
import { z } from 'zod';
import { autoAttackFirstRuns, type AttackBase, type SquareSchedule } from './attack-fields.js';
import {
  caption,
  checkDlr,
  checkTargets,
  declareAttack,
  defaultTargets,
  queriesText,
  withoutDefaultSchedule,
} from './declaration.js';
import * as fields from './schema-fields.js';

const schema = z.strictObject({
  method: z
    .literal('autoattack')
    .describe('APGD, targeted APGD, FAB and Square, each on the images not yet misclassified'),
  ...{ norm: fields.norm, epsilon: fields.epsilon },
  steps: fields.steps.default(100).describe('steps of APGD and FAB'),
  targets: fields.targetsOfAll,
  queries: fields.queries.default(5000).describe('queries of Square'),
  schedule: fields.schedule,
  ...fields.shared,
});

export interface AutoAttackMethod extends AttackBase {
  readonly method: 'autoattack';
  /** Steps of APGD and of FAB. */
  readonly steps: number;
  readonly targets: number;
  readonly queries: number;
  /** Schedule of Square; absent: the norm's default. */
  readonly schedule?: SquareSchedule;
}

export const autoattack = declareAttack({
  schema,
  plan: (own, limits): AutoAttackMethod => ({
    ...withoutDefaultSchedule(own, own.norm),
    targets: own.targets ?? defaultTargets(limits),
  }),
  check: ({ targets }, limits) => checkTargets(targets, limits) ?? checkDlr('method', true, limits),
  work: ({ norm, steps, targets, queries }) =>
    steps * (autoAttackFirstRuns[norm] + 2 * targets) + queries,
  describe: (config) =>
    caption(config, 'AutoAttack', `${config.steps} steps`, ...queriesText(config)),
});
