/** Attacks whose adversarial examples other runs take up: gradient ascent on the cross-entropy. */
import type { PgdMethod } from '../catalogue/attack-methods.js';

export type CraftedAttack = PgdMethod & { readonly seed: number };
