/** The declaration of an attack method: all that the experiment file, the plan and the report need to know of it. */
import type { z } from 'zod';
import type { InNumbers } from '../in-numbers.js';
import {
  defaultSchedules,
  type AttackBase,
  type AttackNorm,
  type SquareSchedule,
} from './attack-fields.js';

/** Limits that a data set sets to an attack. */
export interface DatasetLimits {
  readonly classes: number;
  /** Values of one image. */
  readonly pixels: number;
}

/** The field, and what is wrong with it. */
export type AttackMistake = readonly [field: string, reason: string];

/** The method's own fields of an attack of an experiment file, pixel quantities as numbers. */
export type OwnFields<Config> = Config extends unknown
  ? InNumbers<Omit<Config, 'images' | 'keepImages' | 'points' | 'seed'>>
  : never;

export interface AttackDeclaration<Schema extends z.ZodObject, Method extends AttackBase> {
  /** Its fields in an experiment file. */
  readonly schema: Schema;
  /** The method as runs know it. Fields that state a default are left out, so that it is the same run. */
  readonly plan: (
    own: OwnFields<z.output<Schema>>,
    limits: Pick<DatasetLimits, 'classes'>,
  ) => Method;
  /** Mistake that only the data set reveals; null: none. */
  readonly check: (config: z.output<Schema>, limits: DatasetLimits) => AttackMistake | null;
  /** Steps or queries on one image, restarts, targets and checks included: for estimates of time alone. */
  readonly work: (method: Method) => number;
  /** A caption such as `ℓ∞ PGD, ε = 0.1, 10 steps, worst of 3 starts`. */
  readonly describe: (config: z.output<Schema>) => string;
}

/** Binds a declaration's types to its schema. */
export function declareAttack<Schema extends z.ZodObject, Method extends AttackBase>(
  declaration: AttackDeclaration<Schema, Method>,
): AttackDeclaration<Schema, Method> {
  return declaration;
}

/** Target classes of standard AutoAttack, or as many as there are. */
export function defaultTargets({ classes }: Pick<DatasetLimits, 'classes'>): number {
  return Math.min(9, classes - 1);
}

/** Without a schedule that is the norm's default. */
export function withoutDefaultSchedule<
  T extends { readonly schedule?: SquareSchedule | undefined },
>(
  { schedule, ...rest }: T,
  norm: AttackNorm,
): Omit<T, 'schedule'> & { readonly schedule?: SquareSchedule } {
  const given = schedule !== undefined && schedule !== defaultSchedules[norm];
  return given ? { ...rest, schedule } : rest;
}

/** A mistake if there are more targets than other classes. */
export function checkTargets(
  targets: number | undefined,
  { classes }: DatasetLimits,
): AttackMistake | null {
  const others = classes - 1;
  if (targets === undefined || targets <= others) return null;
  return ['targets', `there are ${others} other classes`];
}

/** A mistake if there are too few classes for DLR, which divides by differences of the largest logits. */
export function checkDlr(
  field: string,
  targeted: boolean,
  { classes }: DatasetLimits,
): AttackMistake | null {
  const needed = targeted ? 4 : 3;
  if (classes >= needed) return null;
  return [field, `the DLR loss needs at least ${needed} classes here, there are ${classes}`];
}

const norms: Readonly<Record<AttackNorm, string>> = { linf: 'ℓ∞', l2: 'ℓ2', l1: 'ℓ1' };

/** `ℓ2 NAME, ε = 1, DETAILS`; empty details are left out. */
export function caption(
  { norm, epsilon }: { readonly norm: AttackNorm; readonly epsilon: number | string },
  name: string,
  ...details: readonly string[]
): string {
  const shown = details.filter((detail) => detail !== '');
  return [`${norms[norm]} ${name}`, `ε = ${epsilon}`, ...shown].join(', ');
}

/** `worst of 3 starts`, or nothing for one. */
export function startsText(restarts = 1): string {
  return restarts > 1 ? `worst of ${restarts} starts` : '';
}

/** `500 queries` and, unless it is the norm's default, the schedule. */
export function queriesText({
  norm,
  queries,
  schedule = defaultSchedules[norm],
}: {
  readonly norm: AttackNorm;
  readonly queries: number;
  readonly schedule?: SquareSchedule | undefined;
}): readonly string[] {
  return [`${queries} queries`, schedule === defaultSchedules[norm] ? '' : `${schedule} schedule`];
}
