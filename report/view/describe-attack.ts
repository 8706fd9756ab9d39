/** An attack in a few words, for captions. */
import { defaultSchedules, type AttackNorm } from '../../experiment/catalogue/attack-methods.js';
import type { AttackConfig } from '../../experiment/config/attack.js';

const norms: Readonly<Record<AttackNorm, string>> = { linf: 'ℓ∞', l2: 'ℓ2', l1: 'ℓ1' };

/** `ℓ∞ PGD, ε = 0.1, 10 steps, worst of 3 starts`. */
export function describeAttack(attack: AttackConfig): string {
  const norm = norms[attack.norm];
  const parts = (name: string, ...rest: string[]): string =>
    [`${norm} ${name}`, `ε = ${attack.epsilon}`, ...rest.filter((part) => part !== '')].join(', ');
  const starts = (n = 1): string => (n > 1 ? `worst of ${n} starts` : '');
  const towards = (n?: number): string => (n === undefined ? '' : `towards ${n} classes`);
  switch (attack.method) {
    case undefined:
    case 'pgd': {
      const { steps, loss = 'ce', target, restarts } = attack;
      const how = loss === 'ce' ? 'PGD' : `PGD on ${loss}`;
      return parts(how, `${steps} steps`, target ? 'towards a class' : '', starts(restarts));
    }
    case 'apgd': {
      const { steps, loss, targets, restarts } = attack;
      return parts(`APGD on ${loss}`, `${steps} steps`, towards(targets), starts(restarts));
    }
    case 'fab':
      return parts('FAB', `${attack.steps} steps`, starts(attack.restarts));
    case 'square':
      return parts('Square', ...search(attack), starts(attack.restarts));
    case 'autoattack':
      return parts('AutoAttack', `${attack.steps} steps`, ...search(attack));
    default:
      throw new Error(`unknown attack ${JSON.stringify(attack satisfies never)}`);
  }
}

/** `500 queries, fixed schedule`; the schedule that the norm has anyway goes without saying. */
function search({
  norm,
  queries,
  schedule = defaultSchedules[norm],
}: Extract<AttackConfig, { queries: number }>): readonly string[] {
  return [`${queries} queries`, schedule === defaultSchedules[norm] ? '' : `${schedule} schedule`];
}
