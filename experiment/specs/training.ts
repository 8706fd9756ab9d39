/** How weights are fitted to images, as specifications of runs hold it. */
import type { OnOverfitting } from '../config/training/adversarial.js';

/** Augmentation of training images, drawn anew at every step. */
export interface Augmentation {
  /** Mirror each image left to right with probability 1/2. */
  readonly flip: boolean;
  /** Zeros on every side, pixels, before a crop of the image's own size at a random place. */
  readonly padding: number;
  /** Absent: no random erasing. */
  readonly erasing?: Erasing;
}

/** With `probability` a rectangle of an image, its area a fraction of the image uniform in these bounds, is noise. */
export interface Erasing {
  readonly probability: number;
  readonly leastArea: number;
  readonly mostArea: number;
}

/** Factor of the peak learning rate as a function of α, the fraction of the steps that were taken. */
export type LearningRateSchedule =
  /** Linear from 0 to 1 over `warmup` of the steps, then half a cosine from 1 to `end`. */
  | { readonly kind: 'cosine'; readonly warmup: number; readonly end: number }
  /** Linear from `start` to 1 at α = `peak`, then to `end`. */
  | {
      readonly kind: 'one-cycle';
      readonly peak: number;
      readonly start: number;
      readonly end: number;
    }
  /** Through points (α, factor); after the last point its factor holds. */
  | {
      readonly kind: 'piecewise';
      readonly points: readonly (readonly [alpha: number, factor: number])[];
      readonly interpolation: 'linear' | 'constant';
    };

/**
 * Epochs: passes over the images, each of which ends in a batch as short as need be. Steps: full batches, for which
 * the images come round again in a new order as often as they must.
 */
export type Budget =
  | { readonly epochs: number; readonly steps?: never }
  | { readonly steps: number; readonly epochs?: never };

export type TrainingRecipe = Budget & Descent;

interface Descent {
  readonly batchSize: number;
  readonly learningRate: number;
  /** Absent: the half-linear schedule. */
  readonly schedule?: LearningRateSchedule;
  /** Absent: stochastic gradient descent. */
  readonly optimiser?: 'adam';
  /** Fractions of the steps at which momentum or the moments begin anew; absent: never. */
  readonly optimiserRestarts?: readonly number[];
  /** With Adam β1. */
  readonly momentum: number;
  readonly weightDecay: number;
  /** w moves along g + momentum · v; absent: along v. */
  readonly nesterov?: true;
  /** Probability of dropping an activation; absent: no dropout. */
  readonly dropout?: number;
  /** Weight of the uniform distribution in the labels of the loss; absent: one-hot labels. */
  readonly labelSmoothing?: number;
  /** Absent: the images as they are. */
  readonly augmentation?: Augmentation;
}

/** Certified training: part of the loss is that of the worst case which interval bounds allow. */
export interface CertifiedTraining {
  /** Radius in ℓ∞ at the end, [0,1] pixel units. */
  readonly epsilon: number;
  /** Weight of the worst case at the end, the rest being that of the images as they are. */
  readonly kappa: number;
  /** Fractions of the steps between which both grow from 0. */
  readonly begin: number;
  readonly end: number;
  /** They grow in so many equal jumps, the first at `begin`; absent: linearly. */
  readonly levels?: number;
}

/** Training of a network of which some weights are zero: those of convolutions and dense layers alone have masks. */
export interface SparsitySpec {
  /** Fraction of these weights that are not zero. */
  readonly density: number;
  /** Their first distribution over the layers. */
  readonly initial: 'uniform' | 'erk';
  /** Absent: the first mask stays. */
  readonly rewiring?: RewiringSpec;
  /** ρ/2 ‖θ - z + u‖² is added to the loss, with z the projection of θ + u and u the dual; absent: nothing is. */
  readonly admm?: { readonly rho: number };
}

/** Removal of small weights and growth of others, again and again. */
export interface RewiringSpec {
  readonly growth: 'momentum' | 'gradient' | 'random';
  /** Over layers, by their mean momentum; `none`: each layer keeps its number. */
  readonly redistribution: 'momentum' | 'none';
  /** Fraction of the active weights that is removed, by a cosine over all steps. */
  readonly removal: { readonly from: number; readonly to: number };
  /** In steps. */
  readonly every: 'epoch' | number;
}

/** Adversarial training: on adversarial examples, on both, or (TRADES) on clean images and the divergence between the two. */
export interface AdversarialSpec {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  /** Fraction of the steps over which epsilon and step size grow from 0. */
  readonly warmup: number;
  /** Clean images, plus beta times the divergence of the predictions on attacked ones; absent: the attacked images. */
  readonly trades?: { readonly beta: number };
  /** Clean images and attacked ones, each cross-entropy times its weight; absent: the attacked images. */
  readonly tradeOff?: { readonly clean: number; readonly adversarial: number };
  /** Consequence of catastrophic overfitting, looked for on held-out images; absent: it is not looked for. */
  readonly overfitting?: OnOverfitting;
}
