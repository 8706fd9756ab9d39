/** The attack methods: the one list of what an experiment file can name, and what depends on the method. */
import { z } from 'zod';
import { toNumber } from '../fraction-text.js';
import { apgd } from './apgd.js';
import { autoattack } from './autoattack.js';
import type { AttackDeclaration, AttackMistake, DatasetLimits, OwnFields } from './declaration.js';
import { fab } from './fab.js';
import { pgd } from './pgd.js';
import { square } from './square.js';

export const attackMethods = { pgd, apgd, fab, square, autoattack };

export type AttackName = keyof typeof attackMethods;
type Schema<K extends AttackName> = (typeof attackMethods)[K]['schema'];
type Config<K extends AttackName> = z.output<Schema<K>>;
/** A method as runs know it. */
export type MethodOf<K extends AttackName> = ReturnType<(typeof attackMethods)[K]['plan']>;
export type AttackMethod = MethodOf<AttackName>;

const declarations: {
  readonly [K in AttackName]: AttackDeclaration<Schema<K>, MethodOf<K>>;
} = attackMethods;

const [first, ...others] = Object.values(attackMethods).map(({ schema }) => schema);

/** An attack of an experiment file; `method` decides which fields there are. */
export const attack = z
  .discriminatedUnion('method', [first!, ...others])
  .refine(({ norm, epsilon }) => norm !== 'linf' || toNumber(epsilon) <= 1, {
    path: ['epsilon'],
    message: 'linf is in [0,1] pixel units: give at most 1',
  });

export type AttackConfig = z.output<typeof attack>;

/** The name of an attack's method (default pgd). */
export function methodName({ method = 'pgd' }: { readonly method?: AttackName | undefined }) {
  return method;
}

/** The fields of an attack of this method in an experiment file; null: there is no such method. */
export function attackFields(method: unknown = 'pgd'): readonly string[] | null {
  const found = Object.entries(attackMethods).find(([name]) => name === method)?.[1];
  return found ? Object.keys(found.schema.shape) : null;
}

/** The fields of all methods. */
export const allAttackFields: readonly string[] = [
  ...new Set(Object.values(attackMethods).flatMap(({ schema }) => Object.keys(schema.shape))),
];

/** The planned method of an attack. */
export function planMethod<K extends AttackName>(
  name: K,
  own: OwnFields<Config<K>>,
  limits: Pick<DatasetLimits, 'classes'>,
): MethodOf<K> {
  return declarations[name].plan(own, limits);
}

/** Mistake that only the data set reveals; null: none. */
export function attackMistake(config: AttackConfig, limits: DatasetLimits): AttackMistake | null {
  const check = <K extends AttackName>(name: K, own: Config<K>) =>
    declarations[name].check(own, limits);
  return check(methodName(config), config);
}

/** Steps or queries on one image, restarts, targets and checks included: for estimates of time alone. */
export function attackWork(method: AttackMethod): number {
  const work = <K extends AttackName>(name: K, own: MethodOf<K>) => declarations[name].work(own);
  return work(methodName(method), method);
}

/** An attack in a few words, for captions: `ℓ∞ PGD, ε = 0.1, 10 steps, worst of 3 starts`. */
export function describeAttack(config: AttackConfig): string {
  const describe = <K extends AttackName>(name: K, own: Config<K>) =>
    declarations[name].describe(own);
  return describe(methodName(config), config);
}
