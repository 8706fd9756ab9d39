/** Layers of a network as plain data: what an architecture is written in. */

/**
 * How a layer's weights are initialised. `he-normal`: N(0, 2 / fan-in) (He et al. 2015, eq. 10).
 * `fan-out-normal`: N(0, 2 / (k k out)) for a convolution (Garipov et al. 2018, models/vgg.py). Both set
 * biases to 0. `fan-in-uniform`: weights and biases uniform in ±1 / sqrt(fan-in), PyTorch's default.
 */
export type Initialisation = 'he-normal' | 'fan-out-normal' | 'fan-in-uniform';

/** A convolution with square kernels: weights `name.weight` [k, k, in, out], bias `name.bias` [out]. */
export interface ConvolutionRecord {
  readonly kind: 'convolution';
  readonly name: string;
  /** Output channels. */
  readonly filters: number;
  /** Kernel size k. */
  readonly size: number;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros added on each side (default (size - 1) / 2, which needs an odd size). */
  readonly padding?: number;
  /** Default true. */
  readonly bias?: boolean;
  readonly initial: Initialisation;
}

/** A fully connected layer: weights `name.weight` [in, out], bias `name.bias` [out]. */
export interface DenseRecord {
  readonly kind: 'dense';
  readonly name: string;
  /** Outputs; `classes` for the number of classes of the data set. */
  readonly units: number | 'classes';
  readonly initial: Initialisation;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015) over the last axis: parameters `name.gamma` and `name.beta`,
 * running statistics `name.mean` and `name.variance`, each [channels].
 */
export interface BatchNormRecord {
  readonly kind: 'batch-norm';
  readonly name: string;
  /** Weight of the newest batch in the running statistics (default 0.1, PyTorch's). */
  readonly momentum?: number;
}

/** Maximum or mean over windows of `size` x `size`, without padding; of size 1, every `stride`-th pixel. */
interface PoolRecord {
  readonly kind: 'max-pool' | 'average-pool';
  readonly size: number;
  readonly stride: number;
}

/** (x - mean) / deviation for each channel, so that images and epsilon stay in [0,1]. */
interface NormaliseRecord {
  readonly kind: 'normalise';
  /** One for each channel, or one for all. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Channels of zeros before and after those of x. */
interface PadChannelsRecord {
  readonly kind: 'pad-channels';
  readonly before: number;
  readonly after: number;
}

/** x where x > 0, slope · x elsewhere. */
interface LeakyReluRecord {
  readonly kind: 'leaky-relu';
  /** Default 0.01, PyTorch's. */
  readonly slope?: number;
}

/** Activations of implicit layers: those whose slopes are in [0, 1]. */
export const implicitActivations = ['relu', 'leaky-relu', 'softplus', 'tanh'] as const;
export type ImplicitActivation = (typeof implicitActivations)[number];

/**
 * x = Φ(A x + B u + b) for features u (NEMON: Jafarpour, Davydov, Proskurnikov and Bullo 2021): weights `name.weight`
 * [in, units] (B, transposed), `name.bias` [units], and the free parameters of A, whose measure is at most m:
 * `name.coupling` [units, units], `name.scaling` [units] and `name.damping` [units].
 */
export interface ImplicitRecord {
  readonly kind: 'implicit';
  readonly name: string;
  readonly units: number;
  /** Default `relu`. */
  readonly activation?: ImplicitActivation;
  /** Bound of the matrix measure of A, below 1 (default 0). */
  readonly m?: number;
  /** Steps of the averaged iteration, forward and backward each (default 50). */
  readonly iterations?: number;
  /** The backward iteration stops after one pass, as that of the published code does. */
  readonly compat?: 'published';
  /** While a curve is fitted: `name.coupling` is A itself, of measure at most m, in the norm of weights 1. */
  readonly coordinates?: 'coupling';
}

/** Bound of the matrix measure unless a layer says otherwise. */
export const defaultBound = 0;

/** Steps of the averaged iteration unless a layer says otherwise. */
export const defaultIterations = 50;

/** branch(x) + shortcut(x); names inside are prefixed by the name of the block and a dot. */
export interface ResidualRecord {
  readonly kind: 'residual';
  readonly name: string;
  readonly branch: readonly LayerRecord[];
  /** Default: none, the identity. */
  readonly shortcut?: readonly LayerRecord[];
}

/**
 * A layer without parameters. `flatten`: [h, w, c] to [h w c]. `global-average-pool`: [h, w, c] to the
 * mean over its pixels [c]. `softplus`: log(1 + e^x). `dropout`: with the rate of the training recipe, in training only.
 */
interface PlainRecord {
  readonly kind: 'relu' | 'softplus' | 'tanh' | 'flatten' | 'dropout' | 'global-average-pool';
}

/** One layer of an architecture. */
export type LayerRecord =
  | ConvolutionRecord
  | DenseRecord
  | BatchNormRecord
  | PoolRecord
  | NormaliseRecord
  | PadChannelsRecord
  | LeakyReluRecord
  | ImplicitRecord
  | ResidualRecord
  | PlainRecord;

/** A network for images of any shape that it takes, and any number of classes. */
export interface Architecture {
  /** Least and most height and width of an image, pixels. */
  readonly side: readonly [least: number, most: number];
  readonly layers: readonly LayerRecord[];
}

/** The most of `side` where images may be as large as one likes. */
export const anySize = Number.MAX_SAFE_INTEGER;

/** All layers in order, those inside residual blocks included: a block, its branch, its shortcut. */
export function allLayers(layers: readonly LayerRecord[]): readonly LayerRecord[] {
  return layers.flatMap((layer) =>
    layer.kind === 'residual'
      ? [layer, ...allLayers(layer.branch), ...allLayers(layer.shortcut ?? [])]
      : [layer],
  );
}
