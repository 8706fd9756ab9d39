/** A run is one unit of work; these records say what each kind needs to know. Plain JSON throughout. */
import type { AdversarialConfig } from './config/endpoint.js';
import type { BatchNormSource } from './config.js';
import type { CurveFamily } from './config/curve.js';
import type { BonafideSet, MeasuredBackdoor, TestCut, TrainingData } from './data.js';
import type { DatasetName } from './datasets.js';
import type { ModelName } from './models.js';

/** Lower-case hex sha256 of everything that decides the run's result. */
export type RunKey = string;

/** Of training images, drawn anew at every step. */
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

export type TrainingRecipe = Budget & Descending;

interface Descending {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Probability of dropping an activation; absent: no dropout. */
  readonly dropout?: number;
  /** Absent: the images as they are. */
  readonly augmentation?: Augmentation;
}

/** How graphs are computed; what is absent is float32 in captured graphs. */
export interface Numerics {
  readonly precision?: 'bfloat16';
  readonly engine?: 'eager';
}

interface Shared extends Numerics {
  readonly dataset: DatasetName;
  readonly model: ModelName;
  readonly seed: number;
}

/** Which weights a point t stands for: the fitted curve's, or the straight line between the ends. */
export type PathKind = 'curve' | 'line';

export interface EndpointSpec extends Shared {
  readonly kind: 'endpoint';
  readonly recipe: TrainingRecipe;
  readonly adversarial: AdversarialConfig | null;
  /** Absent: the training set. */
  readonly data?: TrainingData;
}

export interface CurveSpec extends Shared {
  readonly kind: 'curve';
  readonly family: CurveFamily;
  readonly bends: number;
  /** The first and the last control point move too; absent: they are the endpoints. */
  readonly ends?: 'free';
  readonly recipe: TrainingRecipe;
  /** Absent: the training set. */
  readonly data?: TrainingData;
}

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

export interface AttackSpec extends Shared, PathSpec {
  readonly kind: 'attack';
  readonly norm: 'linf';
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  /** Random starts per image, of which the worst counts; absent: 1. */
  readonly restarts?: number;
  readonly images: number;
}

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

/** Minimum, maximum, mean, integral and correlations over the measurements of one path. */
export interface SummarySpec {
  readonly kind: 'summary';
  readonly path: PathKind;
  /** t is chosen between margin and 1 - margin by the validation images; absent: it is not. */
  readonly choice?: { readonly margin: number };
}

/** Computes nothing: it tests an installation, and how the orchestrator bears many runs. */
export interface ProbeSpec {
  readonly kind: 'probe';
  readonly seed: number;
  readonly index: number;
  readonly sleepMs: number;
  /** Ends as a failure, to see what that does to the others. */
  readonly fails: boolean;
}

export type RunSpec =
  EndpointSpec | CurveSpec | EvaluationSpec | AttackSpec | SpectrumSpec | SummarySpec | ProbeSpec;
export type RunKind = RunSpec['kind'];

/** Roles a run can play for the run that needs it. Summaries name attacks `attack:<name>`. */
export type Role =
  'start' | 'end' | 'curve' | 'evaluation' | 'spectrum' | 'probe' | `attack:${string}`;

export interface Need {
  readonly role: Role;
  readonly run: RunKey;
}

export type WorkQueue = 'cpu' | 'gpu';

export interface PlannedRun {
  readonly key: RunKey;
  /** Unique in its experiment, e.g. `endpoint/A`, `attack/A-B/pgd-10`, `evaluation/A-B/line`. */
  readonly name: string;
  /** Which queue's workers take it: gpu runs in an engine, cpu runs in the worker itself. */
  readonly queue: WorkQueue;
  /** The path it belongs to (`A-B`), or null for endpoints. */
  readonly curve: string | null;
  /** One short line for people: Temporal UI, progress, tables. */
  readonly summary: string;
  readonly needs: readonly Need[];
  readonly spec: RunSpec;
}

/** Raise a number by hand when the results of that kind change; a comment must not. */
export const semanticVersions: Readonly<Record<RunKind, number>> = {
  endpoint: 2,
  curve: 2,
  evaluation: 2,
  attack: 2,
  spectrum: 2,
  summary: 1,
  probe: 1,
};
