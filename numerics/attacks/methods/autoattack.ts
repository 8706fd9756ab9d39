/** AutoAttack: the standard sequence of Croce and Hein 2020. */
import { autoAttackFirstRuns } from '../../../experiment/attacks/attack-fields.js';
import type { AutoAttackMethod } from '../../../experiment/attacks/autoattack.js';
import { apgdProcedure } from '../apgd/apgd-attack.js';
import { fab } from '../fab/fab.js';
import { normByName } from '../norms/norm-by-name.js';
import {
  restarted,
  targeted,
  wholePass,
  type AttackParts,
  type ImageShape,
  type Pass,
} from '../procedure/attack.js';
import { squareProcedure } from '../square/square-attack.js';

/** Each stage goes over the images not yet misclassified. */
export function autoAttack(method: AutoAttackMethod, shape: ImageShape): AttackParts {
  const { norm, epsilon, steps, targets } = method;
  const settings = { norm: normByName(norm), epsilon, steps };
  const stage = (procedure: string): Pass => ({
    ...{ ...wholePass, procedure, over: 'not-yet-misclassified' },
  });
  return {
    procedures: {
      'apgd-ce': apgdProcedure({ ...settings, loss: { name: 'ce' } }),
      'apgd-t': apgdProcedure({ ...settings, loss: { name: 'dlr' }, target: 'by-rank' }),
      'fab-t': fab(settings),
      square: squareProcedure(method, method, shape),
    },
    passes: [
      ...restarted(autoAttackFirstRuns[norm], stage('apgd-ce')),
      ...targeted(targets, stage('apgd-t')),
      ...targeted(targets, { ...stage('fab-t'), random: false }),
      { ...stage('square'), blackBox: true },
    ],
    ...{ countsCleanImages: true, inspectsCleanImages: true },
  };
}
