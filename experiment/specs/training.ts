/** How weights are fitted to images, as specifications of runs hold it. */

/** Augmentation of training images, drawn anew at every step. */
export interface Augmentation {
  /** Mirror each image left to right with probability 1/2. */
  readonly flip: boolean;
  /** Zeros on every side, pixels, before a crop of the image's own size at a random place. */
  readonly padding: number;
}

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
  readonly momentum: number;
  readonly weightDecay: number;
  /** w moves along g + momentum · v; absent: along v. */
  readonly nesterov?: true;
  /** Probability of dropping an activation; absent: no dropout. */
  readonly dropout?: number;
  /** Absent: the images as they are. */
  readonly augmentation?: Augmentation;
}

/** Adversarial training: on adversarial examples, or (TRADES) on clean images and the divergence between the two. */
export interface AdversarialSpec {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  /** Fraction of the steps over which epsilon and step size grow from 0. */
  readonly warmup: number;
  /** Clean images, plus beta times the divergence of the predictions on attacked ones; absent: the attacked images. */
  readonly trades?: { readonly beta: number };
}
