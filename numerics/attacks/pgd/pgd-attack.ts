/** PGD, FGSM and BIM as attacks: a pass for each restart, whose own images alone count. */
import type { PgdMethod } from '../../../experiment/attacks/pgd.js';
import { normByName } from '../norms/norm-by-name.js';
import { restarted, wholePass, type AttackParts } from '../procedure/attack.js';
import type { TargetChoice } from '../procedure/target-class.js';
import { pgd } from './pgd.js';
import { plainPgd } from './plain-pgd.js';

/** Whether it is gradient ascent on the cross-entropy and nothing else, so that the whole attack can be one graph. */
export function isPlainPgd(method: PgdMethod): boolean {
  const { loss, target, momentum, pixels, checks, stopAtSuccess } = method;
  const extras = [loss, target, momentum, pixels, checks, stopAtSuccess];
  return extras.every((field) => field === undefined);
}

/** Plain PGD is unrolled and reports scores of its own; any other is stepwise, after an inspection of the clean images. */
export function pgdAttack(method: PgdMethod): AttackParts {
  const { restarts = 1, target, randomStart, stopAtSuccess = false } = method;
  if (restarts > 1 && !randomStart) throw new Error('restarts need a random start');
  const plain = isPlainPgd(method);
  const over = stopAtSuccess ? 'not-yet-misclassified' : 'all';
  const pass = { ...wholePass, procedure: 'pgd', rank: target?.rank ?? 1, over } as const;
  return {
    procedures: { pgd: plain ? plainPgd(ascentSettings(method)) : generalPgd(method) },
    passes: restarted(restarts, pass),
    countsCleanImages: false,
    inspectsCleanImages: !plain,
  };
}

/** PGD of no steps: clean images whose target class is still compared with their prediction. */
export function cleanPgd(method: PgdMethod): AttackParts {
  const { target } = method;
  const procedure = generalPgd({ ...method, steps: 0, randomStart: false });
  return {
    procedures: { pgd: procedure },
    passes: [{ ...wholePass, procedure: 'pgd', rank: target?.rank ?? 1 }],
    ...{ countsCleanImages: true, inspectsCleanImages: true },
  };
}

function generalPgd(method: PgdMethod) {
  const { loss = 'ce', confidence = 0, target, momentum = 0 } = method;
  const chosen: { target?: TargetChoice } =
    target === undefined
      ? {}
      : { target: target.class === undefined ? 'by-rank' : { class: target.class } };
  return pgd({
    ...{ ...ascentSettings(method), momentum, loss: { name: loss, confidence } },
    ...chosen,
  });
}

function ascentSettings(method: PgdMethod) {
  const { epsilon, stepSize, steps, randomStart, pixels = 1 } = method;
  return { norm: normByName(method.norm, pixels), epsilon, stepSize, steps, randomStart };
}
