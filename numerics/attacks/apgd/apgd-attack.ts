/** APGD as an attack: untargeted on all images, or towards one target class after another. */
import type { ApgdMethod } from '../../../experiment/attacks/apgd.js';
import { normByName } from '../norms/norm-by-name.js';
import {
  restarted,
  targeted,
  wholePass,
  type AttackParts,
  type Pass,
} from '../procedure/attack.js';
import type { StepwiseProcedure } from '../procedure/procedure.js';
import { apgd } from './apgd.js';
import { apgdL1 } from './apgd-l1.js';
import type { ApgdSettings } from './apgd-points.js';

/** The form of APGD that the norm asks for. */
export function apgdProcedure(settings: ApgdSettings): StepwiseProcedure {
  return settings.norm.name === 'l1' ? apgdL1(settings) : apgd(settings);
}

/** Targeted passes, and all that stop at success, go over the images not yet misclassified. */
export function apgdAttack(method: ApgdMethod): AttackParts {
  const { norm, epsilon, steps, loss, targets, restarts, stopAtSuccess = false } = method;
  const settings = { norm: normByName(norm), epsilon, steps, loss: { name: loss } };
  const over = stopAtSuccess || targets !== undefined ? 'not-yet-misclassified' : 'all';
  const pass: Pass = { ...wholePass, procedure: 'apgd', over };
  const passes = targets === undefined ? [pass] : targeted(targets, pass);
  return {
    procedures: {
      apgd: apgdProcedure(targets === undefined ? settings : { ...settings, target: 'by-rank' }),
    },
    passes: passes.flatMap((each) => restarted(restarts, each)),
    ...{ countsCleanImages: true, inspectsCleanImages: true },
  };
}
