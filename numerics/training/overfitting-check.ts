/**
 * Catastrophic overfitting of one-step adversarial training (Wong et al. 2020, section 5.4): the network resists the
 * single step that it is trained on and no iterated attack. It shows on held-out images as PGD accuracy far below FGSM
 * accuracy.
 */
import type { AdversarialSpec } from '../../experiment/specs/training.js';
import { buildAttack } from '../attacks/methods/build-attack.js';
import { singleNetwork } from '../attacks/procedure/model-under-attack.js';
import { createAttackRunner } from '../attacks/runner/runner.js';
import type { ResidentData } from '../data/resident.js';
import type { Pause } from '../evaluation/batched.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';

/** Fractions classified correctly under attack, per cent of `n` images. */
export interface RobustAccuracies {
  /** Under the one step of training. */
  readonly fgsm: number;
  /** Under PGD of 10 steps of epsilon / 4. */
  readonly pgd: number;
  readonly n: number;
}

/** Both attacks, compiled for some held-out images. */
export interface OverfittingCheck {
  measure(weights: ParameterTensors, pause: Pause): Promise<RobustAccuracies>;
  dispose(): void;
}

/** Compiles FGSM and PGD in the ball of a training; random starts follow from `seed`. */
export function createOverfittingCheck(
  host: GraphHost,
  model: Model,
  { epsilon, stepSize }: Pick<AdversarialSpec, 'epsilon' | 'stepSize'>,
  data: ResidentData,
  { seed, batchSize }: { readonly seed: number; readonly batchSize: number },
): OverfittingCheck {
  const compile = (steps: number, length: number) => {
    const method = { norm: 'linf', epsilon, stepSize: length, steps, randomStart: true } as const;
    const attack = buildAttack(method, data.shape, seed);
    const batching = { batchSize, keepImages: false };
    return createAttackRunner(host, singleNetwork(model), attack, data, batching);
  };
  const fgsm = compile(1, stepSize);
  const pgd = compile(10, epsilon / 4);
  return {
    async measure(weights, pause) {
      const single = await fgsm.attack(weights, pause);
      const iterated = await pgd.attack(weights, pause);
      const accuracy = (robustError: number) => 100 - robustError;
      return {
        fgsm: accuracy(single.robustError),
        pgd: accuracy(iterated.robustError),
        n: single.n,
      };
    },
    dispose() {
      fgsm.dispose();
      pgd.dispose();
    },
  };
}

/** Least difference that 250 images can tell from chance, percentage points. */
const leastGap = 10;

/** Whether PGD leaves less than half of what one step leaves, by more than chance. */
export function isOverfitted({ fgsm, pgd }: RobustAccuracies): boolean {
  return fgsm - pgd > leastGap && pgd < fgsm / 2;
}

/** Checks of a training. */
const checks = 20;

/**
 * Whether a network that has taken `step` steps is due, if `checked` steps were taken at the last check (0: none): twenty
 * times in a training, evenly, and at its end; not while epsilon still grows over the first `warmup` of the steps.
 */
export function isCheckDue(checked: number, step: number, total: number, warmup: number): boolean {
  const every = Math.max(1, Math.floor(total / checks));
  if (step <= checked || step < warmup * total) return false;
  return Math.floor(step / every) > Math.floor(checked / every) || step === total;
}

/** Training ended because the network resists single steps alone: an outcome of the run, not a fault. */
export class CatastrophicOverfittingError extends Error {
  override readonly name = 'CatastrophicOverfittingError';

  constructor(step: number, { fgsm, pgd, n }: RobustAccuracies) {
    const under = `${fgsm.toFixed(1)} % accuracy under one step and ${pgd.toFixed(1)} % under PGD on ${n} held-out images`;
    super(
      `catastrophic overfitting at step ${step}: ${under}; lower adversarial.stepSize, or use method: pgd`,
    );
  }
}
