/** An attack as the runner carries it out: passes over the images, of which every image keeps its worst outcome. */
import type { Norm } from '../norms/norm.js';
import type { Procedure } from './procedure.js';

/** Height, width and channels. */
export type ImageShape = readonly [number, number, number];

/** Allowed perturbations; the pixel range [0,1] holds besides. */
export interface ThreatModel {
  readonly norm: Norm;
  /** Radius of the ball, in [0,1] pixel units. */
  readonly epsilon: number;
}

/** One pass over the images with one procedure. */
export interface Pass {
  /** Which of the procedures. */
  readonly procedure: string;
  /** Rank of the target class among the other classes, 1 the most likely; for a procedure with targets. */
  readonly rank: number;
  /** Whether it starts at random, for a procedure that may start at the images. */
  readonly random: boolean;
  /** Over all images, or over those that no pass has fooled yet. */
  readonly over: 'all' | 'not-yet-misclassified';
  /** Makes no use of gradients. */
  readonly blackBox?: true;
  /** Its outcomes do not count: it only measures what it would find. */
  readonly check?: true;
}

/** Everything that decides the outcome of an attack on given images and weights. */
export interface Attack {
  readonly threat: ThreatModel;
  readonly procedures: Readonly<Record<string, Procedure>>;
  readonly passes: readonly Pass[];
  /** Whether the clean images count among the outcomes; else the passes alone do. */
  readonly countsCleanImages: boolean;
  /**
   * Whether the clean images are inspected before the first pass, for their scores and for signs of masked gradients.
   * Without, all procedures are unrolled: their graphs report the scores.
   */
  readonly inspectsCleanImages: boolean;
  readonly seed: number;
}

/** The procedures and passes of an attack method. */
export type AttackParts = Omit<Attack, 'seed' | 'threat'>;

/** A pass over all images, with a random start where there is a choice; most passes differ from it in little. */
export const wholePass = { rank: 1, random: true, over: 'all' } as const;

/** The same pass for each restart. */
export function restarted(restarts: number, pass: Pass): readonly Pass[] {
  return Array.from({ length: restarts }, () => pass);
}

/** One pass for each of the `targets` most likely other classes, the most likely first. */
export function targeted(targets: number, pass: Pass): readonly Pass[] {
  return Array.from({ length: targets }, (_, i) => ({ ...pass, rank: i + 1 }));
}

/** Names of the passes, in order; a targeted one tells the rank of its target class. */
export function passNames({ procedures, passes }: Pick<Attack, 'procedures' | 'passes'>) {
  return passes.map(({ procedure: name, rank }) => {
    const procedure = procedures[name]!;
    const hasTarget = procedure.execution === 'stepwise' && procedure.targetClass !== undefined;
    return hasTarget ? `${name} rank ${rank}` : name;
  });
}
