/** An attack whose adversarial examples other runs take up. */
import type { DatasetLimits } from './declaration.js';
import type { AttackConfig, AttackMethod } from './index.js';
import { planAttack } from './plan-attack.js';

export type CraftedAttack = AttackMethod & { readonly seed: number };

/** The attack of any method, without its black-box check: that changes no adversarial example. */
export function craftedAttack(
  config: AttackConfig,
  limits: Pick<DatasetLimits, 'classes'>,
): CraftedAttack {
  const { images, keepImages, ...attack } = planAttack(config, limits);
  void [images, keepImages];
  if (!('checks' in attack) || attack.checks === undefined) return attack;
  return { ...attack, checks: { queries: 0 } };
}
