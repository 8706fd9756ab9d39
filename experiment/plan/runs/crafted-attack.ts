/** An attack of the file whose images other runs take up: plain gradient ascent on the cross-entropy. */
import type { ExperimentConfig } from '../../config/experiment.js';
import { datasets } from '../../catalogue/datasets.js';
import { UserError } from '../../errors.js';
import type { CraftedAttack } from '../../records/measurements.js';
import { attackPart } from './attacks.js';

/** The name is one of the attacks'; `where` says what asks for it. */
export function craftedAttack(
  { attacks, dataset }: ExperimentConfig,
  name: string,
  where: string,
): CraftedAttack {
  const { images, keepImages, ...attack } = attackPart(attacks[name]!, datasets[dataset].classes);
  void [images, keepImages];
  if (attack.method === undefined) {
    const { loss, target, momentum, pixels, checks } = attack;
    if ([loss, target, momentum, pixels, checks].every((field) => field === undefined)) {
      return attack;
    }
  }
  throw new UserError(
    'bad-input',
    `${where}.attack: "${name}" is more than gradient ascent on the cross-entropy, whose images alone are kept; name an attack of method pgd without loss, target, momentum, pixels and checks`,
  );
}
