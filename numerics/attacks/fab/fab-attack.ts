/** FAB as an attack: towards one target class after another; the first start is the image itself. */
import type { FabMethod } from '../../../experiment/attacks/fab.js';
import { normByName } from '../norms/norm-by-name.js';
import {
  restarted,
  targeted,
  wholePass,
  type AttackParts,
  type Pass,
} from '../procedure/attack.js';
import { fab } from './fab.js';

/** Every pass goes over the images not yet misclassified. */
export function fabAttack({ norm, epsilon, steps, targets, restarts }: FabMethod): AttackParts {
  const pass: Pass = { ...wholePass, procedure: 'fab', over: 'not-yet-misclassified' };
  return {
    procedures: { fab: fab({ norm: normByName(norm), epsilon, steps }) },
    passes: targeted(targets, pass).flatMap((each) =>
      restarted(restarts, each).map((again, i) => ({ ...again, random: i > 0 })),
    ),
    ...{ countsCleanImages: true, inspectsCleanImages: true },
  };
}
