/** Number of passes that an attack takes on one image. */
import type { AttackMethod } from '../../catalogue/attack-methods.js';

/** Steps or queries, restarts and targets counted, and the queries of its black-box check. */
export function attackSteps(attack: AttackMethod): number {
  return methodSteps(attack) + ('checks' in attack ? (attack.checks?.queries ?? 0) : 0);
}

function methodSteps(attack: AttackMethod): number {
  switch (attack.method) {
    case undefined:
      return attack.steps * (attack.restarts ?? 1);
    case 'apgd':
      return attack.steps * attack.restarts * (attack.targets ?? 1);
    case 'fab':
      return attack.steps * attack.restarts * attack.targets;
    case 'square':
      return attack.queries * attack.restarts;
    case 'autoattack':
      return attack.steps * (1 + 2 * attack.targets) + attack.queries;
    default:
      return attack satisfies never;
  }
}
