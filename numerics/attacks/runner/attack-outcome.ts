/** The result of an attack: scores before and after, checks of the attack itself, and the outcome of every image. */
import { mean } from '../../../experiment/records/quantity.js';
import type { AttackProgress } from './progress.js';
import type { CleanPredictions, Outcomes } from './outcomes.js';

/** Means over the attacked images. */
export interface AttackScores {
  /** Mean cross-entropy before and after the attack, nats. */
  readonly cleanNll: number;
  readonly robustNll: number;
  /** Fraction misclassified before and after, per cent. */
  readonly cleanError: number;
  readonly robustError: number;
  /** Number of images. */
  readonly n: number;
}

/** Signs that an attack may report too little; fractions of images, 0 to 1. */
interface AttackChecks {
  /** Images whose cross-entropy has no gradient. */
  readonly zeroGradient: number;
  /** Images whose cross-entropy changes on re-evaluation. */
  readonly random: number;
  /** Images of the gradient attacks whose loss fell in the second half of the steps; null: none attacked. */
  readonly fell: number | null;
  /** Images that only the black-box attack fooled; null: it was not asked for. */
  readonly blackBoxGain: number | null;
}

/** Outcomes of every image before and after an attack. */
export interface ImageOutcomes {
  readonly clean: CleanPredictions;
  readonly images: Outcomes;
}

/** All results of one attack on one set of weights. */
export interface AttackOutcome extends AttackScores, ImageOutcomes {
  /** Null where the clean images are not inspected. */
  readonly checks: AttackChecks | null;
  /** Images of another class that were classified as the target class, per cent; null: untargeted. */
  readonly targetedSuccess: number | null;
  /** The adversarial examples [count · size], the clean image where that counts; null unless images are kept. */
  readonly adversarial: Float32Array | null;
}

/** Scores and checks of all `n` images after the last pass. */
export function summarise(
  progress: AttackProgress,
  n: number,
): Omit<AttackOutcome, keyof ImageOutcomes | 'adversarial'> {
  const targeted = progress.hits.filter((hit) => hit >= 0);
  return {
    ...{ ...meanScores(progress), n },
    targetedSuccess: targeted.length === 0 ? null : percentage([...targeted]),
    checks: progress.inspected && attackChecks(progress, progress.inspected, n),
  };
}

/** The graphs' own sums where they make them, else means over images. */
function meanScores({ scores, clean, inspected, images }: AttackProgress): Omit<AttackScores, 'n'> {
  if (scores) return scores;
  if (!inspected) throw new Error('an attack without scores from its graphs needs an inspection');
  return {
    ...{ cleanNll: mean([...clean.nll]), cleanError: percentage([...inspected.wrong]) },
    ...{ robustNll: mean([...images.nll]), robustError: percentage([...images.wrong]) },
  };
}

/** Share of the ones among zeros and ones, per cent: multiplied first, as predictions are scored, for the same last bit. */
function percentage(flags: readonly number[]): number {
  return mean(flags.map((flag) => 100 * flag));
}

function attackChecks(
  { seen, fell, gained }: AttackProgress,
  { zeroGradient, random }: Pick<AttackChecks, 'zeroGradient' | 'random'>,
  n: number,
): AttackChecks {
  return {
    ...{ zeroGradient, random },
    fell: seen === 0 ? null : fell / seen,
    blackBoxGain: gained === null ? null : gained / n,
  };
}
