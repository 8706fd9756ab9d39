/** The weights of an architecture: names, shapes and initial distributions, by shape inference over its layers. */
import {
  defaultIterations,
  type BatchNormRecord,
  type ConvolutionRecord,
  type DenseRecord,
  type ImplicitRecord,
  type Initialisation,
  type LayerRecord,
  type ResidualRecord,
} from './layer-records.js';

/** Distribution of a parameter's initial values. */
export type InitialValues =
  | { readonly kind: 'constant'; readonly value: number }
  /** N(0, deviation²). */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** Uniform in ±bound. */
  | { readonly kind: 'uniform'; readonly bound: number };

/** A trained tensor. */
export interface ParameterRecord {
  /** e.g. `conv1.weight`; unique in its model. */
  readonly name: string;
  /** Convolutions [height, width, in, out] (HWIO), dense layers [in, out], biases [out]. */
  readonly shape: readonly number[];
  readonly initial: InitialValues;
}

/** Running statistics of a batch norm: state of the model beside its parameters. */
export interface StatisticRecord {
  readonly name: string;
  readonly shape: readonly number[];
  /** Value before the first batch. */
  readonly start: number;
  /** Weight of the newest batch. */
  readonly momentum: number;
}

/** Weights of layers and the shape of their output; lists are in the order of the layers. */
export interface Weights {
  readonly parameters: readonly ParameterRecord[];
  readonly statistics: readonly StatisticRecord[];
  /** Shape of the output for one image: [height, width, channels] or [features]. */
  readonly shape: readonly number[];
  /** Multiplications of convolutions and dense layers for one image. */
  readonly products: number;
}

/**
 * The weights of layers on inputs of this shape ([height, width, channels] of one image).
 * Throws where a layer cannot take what comes before it, or two tensors have one name.
 */
export function weightsFor(
  layers: readonly LayerRecord[],
  shape: readonly number[],
  classes: number,
): Weights {
  const weights = inSequence(layers, { shape, classes, prefix: '' });
  const names = [...weights.parameters, ...weights.statistics].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`two tensors are called ${twice}`);
  return weights;
}

/** The input of a layer. */
interface Place {
  readonly shape: readonly number[];
  readonly classes: number;
  readonly prefix: string;
}

function inSequence(layers: readonly LayerRecord[], place: Place): Weights {
  return layers.reduce((before, layer) => {
    const own = weightsAt(layer, { ...place, shape: before.shape });
    return {
      parameters: [...before.parameters, ...own.parameters],
      statistics: [...before.statistics, ...own.statistics],
      shape: own.shape,
      products: before.products + own.products,
    };
  }, withoutWeights(place.shape));
}

function weightsAt(layer: LayerRecord, place: Place): Weights {
  const { shape } = place;
  switch (layer.kind) {
    case 'convolution':
      return convolution(layer, place);
    case 'dense':
      return dense(layer, place);
    case 'implicit':
      return implicit(layer, place);
    case 'batch-norm':
      return batchNorm(layer, place);
    case 'residual':
      return residual(layer, place);
    case 'max-pool':
    case 'average-pool': {
      const [height, width, channels] = image(layer.kind, shape);
      const side = (n: number) => windows(n, layer);
      return withoutWeights([side(height), side(width), channels]);
    }
    case 'flatten':
      return withoutWeights([product(shape)]);
    case 'global-average-pool':
      return withoutWeights([image(layer.kind, shape)[2]]);
    case 'normalise':
      return withoutWeights(normalised(layer, shape));
    case 'pad-channels': {
      const [height, width, channels] = image(layer.kind, shape);
      return withoutWeights([height, width, layer.before + channels + layer.after]);
    }
    case 'relu':
    case 'leaky-relu':
    case 'softplus':
    case 'tanh':
    case 'dropout':
      return withoutWeights(shape);
    default:
      throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
  }
}

function withoutWeights(shape: readonly number[]): Weights {
  return { parameters: [], statistics: [], shape, products: 0 };
}

function convolution(layer: ConvolutionRecord, { shape, prefix }: Place): Weights {
  const { filters, size, stride = 1, padding = (size - 1) / 2, bias = true, initial } = layer;
  const name = prefix + layer.name;
  if (!Number.isInteger(padding)) {
    throw new Error(`${name}: kernels of an even size need a padding of their own`);
  }
  const [height, width, channels] = image(name, shape);
  const weight = [size, size, channels, filters];
  const side = (n: number) => windows(n + 2 * padding, { size, stride });
  return {
    parameters: affine(name, weight, bias, initial),
    statistics: [],
    shape: [side(height), side(width), filters],
    products: side(height) * side(width) * product(weight),
  };
}

function dense({ name, units, initial }: DenseRecord, { shape, classes, prefix }: Place): Weights {
  const inputs = features(prefix + name, shape);
  const outputs = units === 'classes' ? classes : units;
  return {
    parameters: affine(prefix + name, [inputs, outputs], true, initial),
    statistics: [],
    shape: [outputs],
    products: inputs * outputs,
  };
}

function implicit(layer: ImplicitRecord, { shape, prefix }: Place): Weights {
  const { units, iterations = defaultIterations } = layer;
  const name = prefix + layer.name;
  const inputs = features(name, shape);
  const free = (what: string, size: readonly number[], initial: InitialValues) => ({
    ...{ name: `${name}.${what}`, shape: size, initial },
  });
  return {
    parameters: [
      ...affine(name, [inputs, units], true, 'fan-in-uniform'),
      free('coupling', [units, units], { kind: 'uniform', bound: 0.1 }),
      free('scaling', [units], { kind: 'constant', value: 0 }),
      // At 0, where published code begins, its square has no gradient and it never moves.
      free('damping', [units], { kind: 'constant', value: 0.1 }),
    ],
    statistics: [],
    shape: [units],
    products: inputs * units + iterations * units * units,
  };
}

function features(name: string, shape: readonly number[]): number {
  const [inputs, ...more] = shape;
  if (inputs !== undefined && more.length === 0) return inputs;
  throw new Error(`${name} takes features, not ${shape.join(' x ')}: flatten them first`);
}

function batchNorm(layer: BatchNormRecord, { shape, prefix }: Place): Weights {
  const { momentum = 0.1 } = layer;
  const name = prefix + layer.name;
  const each = { shape: shape.slice(-1) };
  return {
    parameters: [
      { name: `${name}.gamma`, ...each, initial: { kind: 'constant', value: 1 } },
      { name: `${name}.beta`, ...each, initial: { kind: 'constant', value: 0 } },
    ],
    statistics: [
      { name: `${name}.mean`, ...each, start: 0, momentum },
      { name: `${name}.variance`, ...each, start: 1, momentum },
    ],
    shape,
    products: 0,
  };
}

function residual({ name, branch, shortcut = [] }: ResidualRecord, place: Place): Weights {
  const inside = { ...place, prefix: `${place.prefix}${name}.` };
  const [main, side] = [inSequence(branch, inside), inSequence(shortcut, inside)];
  if (main.shape.join() !== side.shape.join()) {
    const [a, b] = [main.shape.join(' x '), side.shape.join(' x ')];
    throw new Error(`${place.prefix}${name}: the branch gives ${a}, the shortcut ${b}`);
  }
  return {
    parameters: [...main.parameters, ...side.parameters],
    statistics: [...main.statistics, ...side.statistics],
    shape: main.shape,
    products: main.products + side.products,
  };
}

function normalised(
  { mean, deviation }: Extract<LayerRecord, { kind: 'normalise' }>,
  shape: readonly number[],
): readonly number[] {
  const channels = shape.at(-1)!;
  const fits = (count: number) => count === 1 || count === channels;
  if (fits(mean.length) && fits(deviation.length)) return shape;
  throw new Error(
    `normalise has ${mean.length} means and ${deviation.length} deviations for ${channels} channels`,
  );
}

/** Weights [..., in, out] and, with `bias`, biases [out]. */
function affine(
  name: string,
  shape: readonly number[],
  bias: boolean,
  initial: Initialisation,
): readonly ParameterRecord[] {
  const { weight, offset } = initialValues(initial, shape);
  const weights = { name: `${name}.weight`, shape, initial: weight };
  if (!bias) return [weights];
  return [weights, { name: `${name}.bias`, shape: shape.slice(-1), initial: offset }];
}

/** For weights [..., in, out] and biases; fan-in is the product of all sizes but the last. */
export function initialValues(
  initial: Initialisation,
  shape: readonly number[],
): { readonly weight: InitialValues; readonly offset: InitialValues } {
  const size = product(shape);
  const fanIn = size / shape.at(-1)!;
  const offset: InitialValues = { kind: 'constant', value: 0 };
  switch (initial) {
    case 'he-normal':
      return { weight: { kind: 'normal', deviation: Math.sqrt(2 / fanIn) }, offset };
    case 'fan-out-normal': {
      const fanOut = size / shape.at(-2)!;
      return { weight: { kind: 'normal', deviation: Math.sqrt(2 / fanOut) }, offset };
    }
    case 'fan-in-uniform': {
      const uniform: InitialValues = { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) };
      return { weight: uniform, offset: uniform };
    }
    default:
      throw new Error(`unknown initialisation ${String(initial satisfies never)}`);
  }
}

function image(name: string, shape: readonly number[]): readonly [number, number, number] {
  const [height, width, channels, ...more] = shape;
  if (height === undefined || width === undefined || channels === undefined || more.length > 0) {
    throw new Error(`${name} takes images, not ${shape.join(' x ')} features`);
  }
  return [height, width, channels];
}

/** Windows of `size` pixels that fit into n, `stride` apart. */
function windows(n: number, { size, stride }: { readonly size: number; readonly stride: number }) {
  if (n < size) throw new Error(`a window of ${size} pixels does not fit into ${n}`);
  return Math.floor((n - size) / stride) + 1;
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
