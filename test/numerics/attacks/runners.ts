/** Attacks compiled for tests. */
import type { AttackMethod } from '../../../experiment/attacks/index.js';
import type { PgdMethod } from '../../../experiment/attacks/pgd.js';
import { buildAttack } from '../../../numerics/attacks/methods/build-attack.js';
import type { ModelUnderAttack } from '../../../numerics/attacks/procedure/model-under-attack.js';
import { createAttackRunner, type AttackRunner } from '../../../numerics/attacks/runner/runner.js';
import type { ResidentData } from '../../../numerics/data/resident.js';
import type { GraphHost } from '../../../numerics/graph/compile.js';
import { host } from '../engine.js';

interface Options {
  readonly batchSize: number;
  readonly keepImages?: boolean;
  readonly host?: GraphHost;
}

export function runnerFor(
  attacked: ModelUnderAttack,
  method: AttackMethod & { readonly seed: number },
  data: ResidentData,
  { batchSize, keepImages = false, host: chosen = host }: Options,
): AttackRunner {
  const attack = buildAttack(method, data.shape, method.seed);
  return createAttackRunner(chosen, attacked, attack, data, { batchSize, keepImages });
}

/** Plain PGD, under linf if nothing else is said. */
export function pgdRunner(
  attacked: ModelUnderAttack,
  settings: Omit<PgdMethod, 'norm'> & Partial<Pick<PgdMethod, 'norm'>> & { readonly seed: number },
  data: ResidentData,
  options: Options,
): AttackRunner {
  return runnerFor(attacked, { norm: 'linf', ...settings }, data, options);
}
