/** Square Attack: random search without gradients (Andriushchenko et al. 2020). */
import { z } from 'zod';
import type { AttackBase, SquareSchedule } from './attack-fields.js';
import {
  caption,
  declareAttack,
  queriesText,
  startsText,
  withoutDefaultSchedule,
} from './declaration.js';
import * as fields from './schema-fields.js';

const schema = z.strictObject({
  method: z.literal('square').describe('random search without gradients (Square Attack)'),
  ...{ norm: fields.norm, epsilon: fields.epsilon, queries: fields.queries.default(5000) },
  ...{ schedule: fields.schedule, restarts: fields.restarts.default(1) },
  ...fields.shared,
});

export interface SquareMethod extends AttackBase {
  readonly method: 'square';
  readonly queries: number;
  /** Absent: the norm's default. */
  readonly schedule?: SquareSchedule;
  readonly restarts: number;
}

export const square = declareAttack({
  schema,
  plan: (own): SquareMethod => withoutDefaultSchedule(own, own.norm),
  check: () => null,
  work: ({ queries, restarts }) => queries * restarts,
  describe: (config) =>
    caption(config, 'Square', ...queriesText(config), startsText(config.restarts)),
});
