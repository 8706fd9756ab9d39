/** Results of one experiment as plain records, for tables and the report. */
import type { ValidityCheck } from '../../experiment/catalogue/series/entry.js';
import type { AdversarialConfig } from '../../experiment/config/training/adversarial.js';
import type { CurveFamily } from '../../experiment/config/curve.js';
import type { ExperimentConfig } from '../../experiment/experiment.js';
import type { PixelQuantity } from '../../experiment/fraction-text.js';
import type { Overflow, Present } from '../../experiment/records/quantity.js';
import type {
  Environment,
  ExperimentState,
  MetricRow,
  RunFailure,
  RunState,
} from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import type { RunKind } from '../../experiment/kinds/index.js';
import type { PathKind } from '../../experiment/specs/fields.js';

/** A value that exists: a finite number, or a result that overflowed. */
export type Point = { readonly x: number } & (Present | Overflow);
/** Points in the order of x, by series name. */
export type SeriesMap = Readonly<Record<string, readonly Point[]>>;

/** A validity check whose value is above its limit. */
export interface FailedCheck extends ValidityCheck {
  readonly series: string;
  /** Where the value is above the limit, in order of t. */
  readonly failed: readonly Point[];
  /** Number of t where it was measured. */
  readonly measured: number;
}

export interface RunView {
  readonly name: string;
  readonly kind: RunKind;
  readonly key: RunKey;
  readonly summary: string;
  readonly curve: string | null;
  readonly path: PathKind | null;
  readonly state: RunState;
  readonly seconds: number | null;
  /** Why there is no result: its own failure, or what it waited for. */
  readonly failure: RunFailure | null;
  readonly reason: string | null;
  /** Why its result is in doubt (null: it is not). */
  readonly warning: string | null;
  readonly environment: Environment | null;
  readonly series: SeriesMap;
  /** Measured values that do not exist: they are no points of any series. */
  readonly absent: readonly MetricRow[];
}

export interface EndpointView {
  readonly name: string;
  /** How it came to its weights, in words. */
  readonly made: string;
  /** Null where none of its own decides anything. */
  readonly seed: number | null;
  /** How long it was trained: of both, one is null; both, if it was not. */
  readonly epochs: number | null;
  readonly steps: number | null;
  readonly adversarial: AdversarialConfig | null;
  /** How many bonafide images it was trained on; null: not on such. */
  readonly bonafide: number | null;
  readonly testErrorPercent: number | null;
  readonly testNll: number | null;
  /** Results of its own run (empty until it is done). */
  readonly series: SeriesMap;
  /** Results of its evaluation alone, at x = 0 (empty without one). */
  readonly alone: SeriesMap;
}

export interface AttackView {
  readonly name: string;
  /** A description in a few words. */
  readonly what: string;
  readonly norm: string;
  readonly epsilon: PixelQuantity;
  readonly images: number;
  readonly series: SeriesMap;
  /** Validity checks that failed: they put its error and its loss in doubt. */
  readonly checks: readonly FailedCheck[];
  /** Between robust_nll and eigenvalue_mean along t. */
  readonly pearson: number | null;
  readonly spearman: number | null;
  /** Number of t that they are over; null where nothing was correlated. */
  readonly correlationPoints: number | null;
}

export interface ConvergenceView {
  readonly attack: string;
  /** Steps of the ascents, more than the attack has. */
  readonly steps: number;
  readonly starts: number;
  readonly images: number;
  readonly series: SeriesMap;
  /** Validity checks that failed: they put the attack's error in doubt. */
  readonly checks: readonly FailedCheck[];
}

interface TransferView {
  readonly attack: string;
  readonly images: number;
  /** By the t where the attack was crafted: the error in % at every t, in order. */
  readonly errors: ReadonlyMap<number, readonly Point[]>;
}

export interface EnsembleView {
  readonly images: number;
  readonly attack: string | null;
  /** The paper's code sums logits and divides by one less. */
  readonly published: boolean;
  readonly series: SeriesMap;
}

export interface DetectionView {
  readonly name: string;
  /** Estimator and space in a few words. */
  readonly what: string;
  /** Number of attacked images. */
  readonly images: number;
  /** The attacks that differ in their radius alone, in its order. */
  readonly radii: readonly { readonly source: string; readonly epsilon: number }[];
  readonly series: SeriesMap;
}

export interface CertificateView {
  /** Its name in the experiment file. */
  readonly name: string;
  readonly images: number;
  readonly methods: readonly string[];
  /** Radii in [0,1] pixel units. */
  readonly epsilons: readonly number[];
  /** `certified_accuracy:METHOD:EPSILON`, and the solver's. */
  readonly series: SeriesMap;
}

export interface PathView {
  readonly kind: PathKind;
  readonly evaluation: SeriesMap;
  readonly attacks: readonly AttackView[];
  /** `strongest_error:A+B` for each set of attacks on the same images. */
  readonly strongest: SeriesMap;
  /** How far the attack is from a maximum of the loss. */
  readonly convergence: ConvergenceView | null;
  readonly certificates: readonly CertificateView[];
  readonly spectrum: {
    readonly images: number;
    /** Radius of the predicted losses (null: none predicted). */
    readonly epsilon: PixelQuantity | null;
    readonly series: SeriesMap;
  } | null;
  /** Spectrum of the weight Hessian of the mean cross-entropy over these images. */
  readonly weightSpectrum: {
    readonly images: number;
    readonly split: 'train' | 'test';
    readonly series: SeriesMap;
  } | null;
  /** Error at every t of the adversarial examples crafted at each t. */
  readonly transfer: TransferView | null;
  readonly ensemble: EnsembleView | null;
  readonly detections: readonly DetectionView[];
  /** As `<series>.<statistic>`. */
  readonly statistics: Readonly<Record<string, number>>;
  /** In weight units. */
  readonly length: number | null;
}

export interface CurveView {
  readonly name: string;
  /** The name with all axes of its sweep, which the name itself may have shortened. */
  readonly swept: string;
  readonly from: string;
  readonly to: string;
  /** Names of the endpoints at t = 0 and 1, with their cases of the sweep. */
  readonly ends: readonly [start: string, end: string];
  readonly family: CurveFamily;
  readonly bends: number;
  /** How many bonafide images it was fitted to; null: not to such. */
  readonly bonafide: number | null;
  readonly fitted: PathView;
  readonly line: PathView | null;
}

export interface ExperimentView {
  readonly id: string;
  readonly name: string;
  readonly signature: string;
  readonly state: ExperimentState;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly config: ExperimentConfig;
  readonly runs: readonly RunView[];
  readonly endpoints: readonly EndpointView[];
  readonly curves: readonly CurveView[];
}
