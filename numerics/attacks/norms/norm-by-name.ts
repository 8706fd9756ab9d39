/** The norm by its name. */
import type { AttackNorm } from '../../../experiment/attacks/attack-fields.js';
import { l1 } from './l1.js';
import { l2 } from './l2.js';
import { linf } from './linf.js';
import type { Norm } from './norm.js';

/** A norm by its name; `pixels` is the number of pixels that one l1 step changes. */
export function normByName(name: AttackNorm, pixels = 1): Norm {
  switch (name) {
    case 'linf':
      return linf;
    case 'l2':
      return l2;
    case 'l1':
      return l1(pixels);
    default:
      throw new Error(`unknown norm ${String(name satisfies never)}`);
  }
}
