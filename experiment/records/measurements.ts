/** What runs that measure along a path need to know. */
import type { AttackMethod, PgdMethod } from '../catalogue/attack-methods.js';
import type { BatchNormSource } from '../config/experiment.js';
import type { CurveFamily } from '../config/curve.js';
import type { BonafideSet, MeasuredBackdoor, TestCut } from './data.js';
import type { DatasetName } from '../catalogue/datasets.js';
import type { ModelName } from '../catalogue/models/index.js';
import type { Numerics, PathKind, Shared } from './spec-fields.js';

/** Where on which path: `family` and the inputs' roles give the weights at each t. */
export interface PathSpec {
  readonly path: PathKind;
  readonly family: CurveFamily;
  readonly t: readonly number[];
  /** Where the statistics of batch norm come from; absent for models without. */
  readonly batchNorm?: BatchNormSource;
  /** With `batchNorm: bonafide`: where they are from. */
  readonly statisticsFrom?: BonafideSet;
  /** The first and last control point are the curve's own; absent: the endpoints. */
  readonly ends?: 'free';
  /** Test images are those of the evaluation half; absent: all of them. */
  readonly cut?: TestCut;
}

export interface EvaluationSpec extends Shared, PathSpec {
  readonly kind: 'evaluation';
  readonly weightDecay: number;
  /** On which held-out images t is to be chosen; absent: on none. */
  readonly validation?: BonafideSet;
  readonly backdoors?: readonly MeasuredBackdoor[];
}

export type AttackSpec = Shared &
  PathSpec &
  AttackMethod & {
    readonly kind: 'attack';
    readonly images: number;
    /** Also keep the adversarial examples of every t; absent: their outcomes alone. */
    readonly keepImages?: true;
  };

/** Of each image's own cross-entropy, in its pixels. */
export interface InputSpectrumSpec extends Shared, PathSpec {
  readonly kind: 'spectrum';
  readonly variable: 'inputs';
  readonly operator: 'gauss-newton' | 'hessian';
  readonly images: number;
  readonly maxSteps: number;
  readonly tolerance: number;
  /** Eigenvalues of each end; absent: the largest alone. */
  readonly top?: number;
  /** Also the largest eigenvalue of the mean over the images. */
  readonly meanHessian?: true;
  /** Also the norms of each image's gradient, and its alignment with the top eigenvector. */
  readonly gradients?: true;
  /** Also the loss at x + epsilon sign(gradient), to first and to second order. */
  readonly prediction?: { readonly epsilon: number };
  /** Also the eigenvalue of the paper's code: power iteration on sums over batches of mean losses. */
  readonly published?: {
    readonly batchSize: number;
    readonly reduction: 'mean';
    readonly maxSteps: number;
    /** Absolute: of two consecutive estimates. */
    readonly tolerance: number;
  };
}

/** Of the cross-entropy of a set of images, in the weights; without weight decay. */
export interface WeightSpectrumSpec extends Shared, PathSpec {
  readonly kind: 'spectrum';
  readonly variable: 'weights';
  readonly split: 'train' | 'test';
  readonly images: number;
  readonly reduction: 'mean';
  /** Eigenvalues of each end. */
  readonly top: number;
  readonly maxSteps: number;
  readonly tolerance: number;
  readonly trace?: { readonly probes: number };
  readonly density?: { readonly probes: number; readonly steps: number };
}

export type SpectrumSpec = InputSpectrumSpec | WeightSpectrumSpec;

/** One whose images are taken up elsewhere: gradient ascent on the cross-entropy. */
export type CraftedAttack = PgdMethod & { readonly seed: number };

/** The attack crafted at every t, tried at every t. */
export interface TransferSpec extends Numerics, PathSpec {
  readonly kind: 'transfer';
  readonly dataset: DatasetName;
  readonly model: ModelName;
  readonly attack: CraftedAttack;
  readonly images: number;
}

/** The networks at every t as one, by their mean output. */
export interface EnsembleSpec extends Numerics, PathSpec {
  readonly kind: 'ensemble';
  readonly dataset: DatasetName;
  readonly model: ModelName;
  readonly images: number;
  /** Against the ensemble, and from each member on the ensemble; absent: none. */
  readonly attack?: CraftedAttack;
  /** As in the paper's code: Σ logits / (members - 1); absent: the mean of the softmax outputs. */
  readonly combination?: 'published';
  /** Also as a defender who answers with one member, drawn at random; with `attack`. */
  readonly randomMember?: true;
}

/** Minimum, maximum, mean, integral, barriers and correlations over the measurements of one path. */
export interface SummarySpec {
  readonly kind: 'summary';
  readonly path: PathKind;
  /** t is chosen between margin and 1 - margin by the validation images; absent: it is not. */
  readonly choice?: { readonly margin: number };
}
