/** Every attack method by name: the one list of what numerics can carry out. */
import type { AttackMethod, AttackName, MethodOf } from '../../../experiment/attacks/index.js';
import { apgdAttack } from '../apgd/apgd-attack.js';
import { fabAttack } from '../fab/fab-attack.js';
import { normByName } from '../norms/norm-by-name.js';
import { cleanPgd, isPlainPgd, pgdAttack } from '../pgd/pgd-attack.js';
import type { Attack, AttackParts, ImageShape } from '../procedure/attack.js';
import type { AttackBuilder } from '../procedure/attack-builder.js';
import { squareAttack, withBlackBoxCheck } from '../square/square-attack.js';
import { autoAttack } from './autoattack.js';

/** A builder for each method that an experiment file can name. */
export type AttackBuilders = { readonly [K in AttackName]: AttackBuilder<MethodOf<K>> };

/** The list: an entry left out, or of another method, is a type error. */
export const attackBuilders: AttackBuilders = {
  pgd: pgdAttack,
  apgd: apgdAttack,
  fab: fabAttack,
  square: squareAttack,
  autoattack: autoAttack,
};

/**
 * The attack of a method on images of this shape. A ball of radius 0 holds the clean image alone: except for plain PGD,
 * which needs no inspection, it is `cleanAttack`.
 */
export function buildAttack(method: AttackMethod, shape: ImageShape, seed: number): Attack {
  if (method.epsilon === 0 && !isPlain(method)) return cleanAttack(method, seed);
  const parts = buildParts(method.method ?? 'pgd', method, shape);
  const checks = 'checks' in method ? method.checks : undefined;
  const checked = checks ? withBlackBoxCheck(parts, method, checks, shape) : parts;
  return { ...checked, ...setting(method, seed) };
}

/** An attack that leaves every image as it is and reports its clean outcome and, if targeted, its target class. */
export function cleanAttack(method: AttackMethod, seed: number): Attack {
  const parts =
    method.method === undefined && method.target !== undefined ? cleanPgd(method) : noParts;
  return { ...parts, ...setting(method, seed) };
}

/** Whether it is gradient ascent on the cross-entropy and nothing else, which reports no checks of itself. */
export function isPlain(method: AttackMethod): boolean {
  return method.method === undefined && isPlainPgd(method);
}

const noParts: AttackParts = {
  ...{ procedures: {}, passes: [] },
  ...{ countsCleanImages: true, inspectsCleanImages: true },
};

function setting({ norm, epsilon }: AttackMethod, seed: number): Pick<Attack, 'threat' | 'seed'> {
  return { threat: { norm: normByName(norm), epsilon }, seed };
}

function buildParts<K extends AttackName>(
  name: K,
  method: MethodOf<K>,
  shape: ImageShape,
): AttackParts {
  return attackBuilders[name](method, shape);
}
