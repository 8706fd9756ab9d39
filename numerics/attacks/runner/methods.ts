/** Every attack by its name, as the procedures and passes that make it up. */
import {
  defaultSchedules,
  type AttackChecks,
  type ApgdMethod,
  type AttackMethod,
  type AttackNorm,
  type AutoAttackMethod,
  type FabMethod,
  type PgdMethod,
  type SquareMethod,
} from '../../../experiment/catalogue/attack-methods.js';
import { apgd } from '../apgd/apgd.js';
import { apgdL1 } from '../apgd/apgd-l1.js';
import type { ApgdSettings } from '../apgd/apgd-points.js';
import { fab } from '../fab/fab.js';
import { normOf } from '../norms/norm-by-name.js';
import { pgd } from '../pgd/pgd.js';
import type { Procedure } from './procedure.js';
import type { Sequence } from './sequence.js';
import type { Pass } from './sequence-progress.js';
import { square, type ImageShape, type Proposal } from '../square/square.js';
import { l1Squares } from '../square/square-l1.js';
import { l2Squares } from '../square/square-l2.js';
import { linfSquares } from '../square/square-linf.js';

type Parts = Omit<Sequence, 'seed'>;

export function sequenceOf(method: AttackMethod, shape: ImageShape, seed: number): Sequence {
  const parts = method.epsilon === 0 ? cleanParts(method) : partsOf(method, shape);
  return { ...parts, seed };
}

/** The ball of radius 0 holds the image alone: its clean outcome counts, and what class it is taken for. */
function cleanParts(method: AttackMethod): Parts {
  const clean = { procedures: {}, passes: [], fromClean: true };
  if (method.method !== undefined || method.target === undefined) return clean;
  return { ...pgdParts({ ...method, steps: 0, randomStart: false, restarts: 1 }), fromClean: true };
}

function partsOf(method: AttackMethod, shape: ImageShape): Parts {
  switch (method.method) {
    case undefined:
      return withCheck(pgdParts(method), method.checks ?? noBlackBox, method, shape);
    case 'apgd':
      return withCheck(apgdParts(method), method.checks, method, shape);
    case 'fab':
      return withCheck(fabParts(method), method.checks, method, shape);
    case 'square':
      return squareParts(method, shape);
    case 'autoattack':
      return autoAttack(method, shape);
    default:
      throw new Error(`unknown attack ${JSON.stringify(method satisfies never)}`);
  }
}

const noBlackBox: AttackChecks = { queries: 0 };

const pass = { rank: 1, random: true, over: 'all' } as const;

/** The same pass as often as there are restarts. */
function repeated(restarts: number, one: Pass): readonly Pass[] {
  return Array.from({ length: restarts }, () => one);
}

/** One pass for each of the most likely other classes. */
function aimed(targets: number, one: Pass): readonly Pass[] {
  return Array.from({ length: targets }, (_, i) => ({ ...one, rank: i + 1 }));
}

function pgdParts(method: PgdMethod): Parts {
  const { epsilon, stepSize, steps, randomStart, restarts = 1 } = method;
  const { loss = 'ce', confidence = 0, target, momentum = 0, pixels = 1 } = method;
  const procedure = pgd({
    ...{ norm: normOf(method.norm, pixels), epsilon, stepSize, steps, randomStart, momentum },
    loss: { name: loss, confidence },
    ...(target ? { aim: target.class === undefined ? 'fed' : { class: target.class } } : {}),
  });
  const one: Pass = { ...pass, procedure: 'pgd', rank: target?.rank ?? 1 };
  return { procedures: { pgd: procedure }, passes: repeated(restarts, one), fromClean: false };
}

function apgdParts({ norm, epsilon, steps, loss, targets, restarts }: ApgdMethod): Parts {
  const shared = { norm: normOf(norm), epsilon, steps, loss: { name: loss } };
  const procedure = apgdOf(targets === undefined ? shared : { ...shared, aim: 'fed' });
  const one: Pass = { ...pass, procedure: 'apgd' };
  const passes = targets === undefined ? [one] : aimed(targets, { ...one, over: 'standing' });
  return {
    procedures: { apgd: procedure },
    passes: passes.flatMap((each) => repeated(restarts, each)),
    fromClean: true,
  };
}

/** The first start is the image itself. */
function fabParts({ norm, epsilon, steps, targets, restarts }: FabMethod): Parts {
  const one: Pass = { ...pass, procedure: 'fab', over: 'standing' };
  return {
    procedures: { fab: fabOf(norm, epsilon, steps) },
    passes: aimed(targets, one).flatMap((each) =>
      repeated(restarts, each).map((again, i) => ({ ...again, random: i > 0 })),
    ),
    fromClean: true,
  };
}

function squareParts(method: SquareMethod, shape: ImageShape): Parts {
  const one: Pass = { ...pass, procedure: 'square', over: 'standing' };
  return {
    procedures: { square: squareOf(method, method, shape) },
    passes: repeated(method.restarts, one),
    fromClean: true,
  };
}

/** Of the first stage of the standard sequence. */
const restartsUnderL1 = 5;

/** The standard sequence of Croce and Hein 2020, each stage on the images still standing. */
function autoAttack(method: AutoAttackMethod, shape: ImageShape): Parts {
  const { norm, epsilon, steps, targets } = method;
  const shared = { norm: normOf(norm), epsilon, steps };
  const stage = (procedure: string): Pass => ({ ...pass, procedure, over: 'standing' });
  return {
    procedures: {
      'apgd-ce': apgdOf({ ...shared, loss: { name: 'ce' } }),
      'apgd-t': apgdOf({ ...shared, loss: { name: 'dlr' }, aim: 'fed' }),
      'fab-t': fabOf(norm, epsilon, steps),
      square: squareOf(method, method, shape),
    },
    passes: [
      ...repeated(norm === 'l1' ? restartsUnderL1 : 1, stage('apgd-ce')),
      ...aimed(targets, stage('apgd-t')),
      ...aimed(targets, { ...stage('fab-t'), random: false }),
      { ...stage('square'), blackBox: true },
    ],
    fromClean: true,
  };
}

/** Asks what Square finds among the images that are standing at the end. */
function withCheck(
  parts: Parts,
  checks: AttackChecks,
  method: PgdMethod | ApgdMethod | FabMethod,
  shape: ImageShape,
): Parts {
  if (checks.queries === 0) return parts;
  const check: Pass = {
    ...{ ...pass, procedure: 'square', over: 'standing' },
    ...{ blackBox: true, check: true },
  };
  return {
    ...parts,
    procedures: { ...parts.procedures, square: squareOf(method, checks, shape) },
    passes: [...parts.passes, check],
  };
}

function apgdOf(settings: ApgdSettings): Procedure {
  return settings.norm.name === 'l1' ? apgdL1(settings) : apgd(settings);
}

function fabOf(norm: AttackNorm, epsilon: number, steps: number): Procedure {
  return fab({ norm: normOf(norm), epsilon, steps });
}

function squareOf(
  { norm, epsilon }: Pick<AttackMethod, 'norm' | 'epsilon'>,
  { queries, schedule = defaultSchedules[norm] }: AttackChecks,
  shape: ImageShape,
): Procedure {
  return square(queries, proposalOf(norm, shape, epsilon), schedule);
}

function proposalOf(norm: AttackNorm, shape: ImageShape, epsilon: number): Proposal {
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
