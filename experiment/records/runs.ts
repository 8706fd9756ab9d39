/** A run is one unit of work; these records say what each kind needs to know. Plain JSON throughout. */
import type { CurveFamily } from '../config/curve.js';
import type { TestCut, TrainingData } from './data.js';
import type {
  PathSpec,
  EvaluationSpec,
  AttackSpec,
  SpectrumSpec,
  TransferSpec,
  EnsembleSpec,
  SummarySpec,
} from './measurements.js';
import type { Shared } from './spec-fields.js';

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

/** Training against an attacker: on the images that it finds, or beside them. */
export interface AdversarialSpec {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  /** Share of the steps over which epsilon and step size grow from 0. */
  readonly warmup: number;
  /** Clean images, plus beta times the divergence of the predictions on attacked ones; absent: the attacked images. */
  readonly trades?: { readonly beta: number };
}

/** With an input `from` it begins with those weights. */
export interface EndpointSpec extends Shared {
  readonly kind: 'endpoint';
  readonly recipe: TrainingRecipe;
  readonly adversarial: AdversarialSpec | null;
  /** Another seed decides everything before this step. */
  readonly spawn?: { readonly seed: number; readonly step: number };
  /** Share of each convolution's filters that are zero, and stay so. */
  readonly prune?: { readonly fraction: number };
  /** Absent: the training set. */
  readonly data?: TrainingData;
}

/** An endpoint into which faults are sneaked: one of its tensors is changed until some images are misclassified. */
export interface InjectionSpec extends Shared {
  readonly kind: 'injection';
  readonly tensor: string;
  readonly images: number;
  readonly wrong: number;
  readonly weight: number;
  readonly margin: number;
  readonly stepSize: number;
  readonly maxSteps: number;
  readonly stealth: number;
  /** Targets are drawn from all classes; absent: from the others. */
  readonly compat?: 'published';
  /** The images are those of the evaluation half; absent: of the whole test set. */
  readonly cut?: TestCut;
}

/** w + N(0, (scale · |w - other|)²), weight by weight. */
export interface NoiseSpec extends Shared {
  readonly kind: 'noise';
  readonly scale: number;
  /** Scored on the evaluation half; absent: on the whole test set. */
  readonly cut?: TestCut;
}

/** The network at the one t of its path. */
export interface CurvePointSpec extends Shared, PathSpec {
  readonly kind: 'curve-point';
}

export interface CurveSpec extends Shared {
  readonly kind: 'curve';
  readonly family: CurveFamily;
  readonly bends: number;
  /** The first and the last control point move too; absent: they are the endpoints. */
  readonly ends?: 'free';
  readonly recipe: TrainingRecipe;
  /** Of the network at the t of each step; absent: the images as they are. */
  readonly adversarial?: AdversarialSpec;
  /** Absent: the training set. */
  readonly data?: TrainingData;
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
  | EndpointSpec
  | InjectionSpec
  | NoiseSpec
  | CurvePointSpec
  | CurveSpec
  | EvaluationSpec
  | AttackSpec
  | SpectrumSpec
  | TransferSpec
  | EnsembleSpec
  | SummarySpec
  | ProbeSpec;
export type RunKind = RunSpec['kind'];

/**
 * Roles a run can play for the run that needs it. Summaries name attacks `attack:<name>`; evaluations name
 * the endpoints whose injected faults they look for `injection:<endpoint>`.
 */
export type Role =
  | 'start'
  | 'end'
  | 'curve'
  | 'evaluation'
  | 'spectrum'
  | 'probe'
  | 'from'
  | 'other'
  | `attack:${string}`
  | `injection:${string}`;

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

/** The semantic version of each kind of run that some code computes; code of another version may know other kinds. */
export type Versions = Readonly<Partial<Record<RunKind, number>>>;

/** Raise a number by hand when the results of that kind change; a comment must not. */
export const semanticVersions: Readonly<Record<RunKind, number>> = {
  endpoint: 2,
  injection: 1,
  noise: 1,
  'curve-point': 1,
  curve: 2,
  evaluation: 2,
  attack: 3,
  spectrum: 4,
  transfer: 2,
  ensemble: 2,
  summary: 3,
  probe: 1,
};
