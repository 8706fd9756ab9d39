/** The Square Attack as an attack of its own, and as the black-box check of others. */
import {
  defaultSchedules,
  type AttackBase,
  type AttackChecks,
  type AttackNorm,
} from '../../../experiment/attacks/attack-fields.js';
import type { SquareMethod } from '../../../experiment/attacks/square.js';
import {
  restarted,
  wholePass,
  type AttackParts,
  type ImageShape,
  type Pass,
} from '../procedure/attack.js';
import type { StepwiseProcedure } from '../procedure/procedure.js';
import { square, type Proposal } from './square.js';
import { l1Squares } from './square-l1.js';
import { l2Squares } from './square-l2.js';
import { linfSquares } from './square-linf.js';

/** The Square Attack under a norm, by default with the norm's schedule. */
export function squareProcedure(
  { norm, epsilon }: AttackBase,
  { queries, schedule = defaultSchedules[norm] }: AttackChecks,
  shape: ImageShape,
): StepwiseProcedure {
  return square(queries, proposalFor(norm, shape, epsilon), schedule);
}

/** Every pass goes over the images not yet misclassified. */
export function squareAttack(method: SquareMethod, shape: ImageShape): AttackParts {
  const pass: Pass = { ...wholePass, procedure: 'square', over: 'not-yet-misclassified' };
  return {
    procedures: { square: squareProcedure(method, method, shape) },
    passes: restarted(method.restarts, pass),
    ...{ countsCleanImages: true, inspectsCleanImages: true },
  };
}

/** The attack with a last pass that measures what Square finds among the images not yet misclassified. */
export function withBlackBoxCheck(
  parts: AttackParts,
  threat: AttackBase,
  checks: AttackChecks,
  shape: ImageShape,
): AttackParts {
  if (checks.queries === 0) return parts;
  const check: Pass = {
    ...{ ...wholePass, procedure: 'square', over: 'not-yet-misclassified' },
    ...{ blackBox: true, check: true },
  };
  return {
    ...parts,
    procedures: { ...parts.procedures, square: squareProcedure(threat, checks, shape) },
    passes: [...parts.passes, check],
  };
}

function proposalFor(norm: AttackNorm, shape: ImageShape, epsilon: number): Proposal {
  switch (norm) {
    case 'linf':
      return linfSquares(shape, epsilon);
    case 'l2':
      return l2Squares(shape, epsilon);
    case 'l1':
      return l1Squares(shape, epsilon);
    default:
      throw new Error(`unknown norm ${String(norm satisfies never)}`);
  }
}
