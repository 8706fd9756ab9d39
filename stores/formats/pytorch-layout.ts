/**
 * Weights under the names and in the order of axes that PyTorch gives them: kernels [out, in, k, k] for our
 * [k, k, in, out], dense layers [out, in] for [in, out], features after a flattening channels first, batch norm's
 * `weight`, `bias`, `running_mean` and `running_var`; of implicit layers B [units, in], the rest as it is here.
 */
import { FormatError } from './format-error.js';
import type { NamedShape } from './weights-file.js';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import { weightsFor } from '../../experiment/catalogue/models/weights.js';

/** Row-major values by name. */
type Values = ReadonlyMap<string, Float32Array>;

/** A tensor in PyTorch's layout. */
export interface PytorchTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

/** A network's layers and sizes, which decide its tensors. */
export interface NetworkShape {
  readonly layers: readonly LayerRecord[];
  /** [height, width, channels] of an image. */
  readonly shape: readonly number[];
  readonly classes: number;
}

/** Where the values of one of our tensors lie in PyTorch's. */
interface Place {
  /** Our name. */
  readonly name: string;
  readonly pytorch: string;
  /** Our shape, refined where one axis of ours is several of PyTorch's; `order` is what PyTorch has of these axes. */
  readonly axes: readonly number[];
  readonly order: readonly number[];
  /** PyTorch's shape. */
  readonly shape: readonly number[];
}

/** Weights by our names to tensors by PyTorch's; of those that are there, such as parameters without statistics. */
export function toPytorch(network: NetworkShape, weights: Values): Map<string, PytorchTensor> {
  return new Map(
    places(network).flatMap(({ name, pytorch, axes, order, shape }) => {
      const values = weights.get(name);
      return values ? [[pytorch, { shape, data: permuteAxes(values, axes, order) }]] : [];
    }),
  );
}

/**
 * Tensors by PyTorch's names to weights (parameters and statistics) by ours. A prefix `module.` of all names
 * (DataParallel) and `num_batches_tracked` are left out. Throws on what is missing, left over, of another shape, or
 * not finite, by name.
 */
export function fromPytorch(
  network: NetworkShape,
  tensors: ReadonlyMap<string, PytorchTensor>,
): Values {
  const given = withoutWrapper(tensors);
  const wanted = places(network);
  checkNames(
    wanted.map(({ pytorch }) => pytorch),
    [...given.keys()],
  );
  return new Map(
    wanted.map((place) => {
      const { name, pytorch, axes, order, shape } = place;
      const tensor = given.get(pytorch)!;
      checkTensor(pytorch, tensor, shape);
      const inverse = order.map((_, axis) => order.indexOf(axis));
      const theirs = order.map((axis) => axes[axis]!);
      return [name, permuteAxes(tensor.data, theirs, inverse)];
    }),
  );
}

const wrapper = 'module.';
const counter = '.num_batches_tracked';

function withoutWrapper(
  tensors: ReadonlyMap<string, PytorchTensor>,
): ReadonlyMap<string, PytorchTensor> {
  const named = [...tensors].filter(([name]) => !name.endsWith(counter));
  const isWrapped = named.length > 0 && named.every(([name]) => name.startsWith(wrapper));
  return new Map(
    named.map(([name, tensor]) => [isWrapped ? name.slice(wrapper.length) : name, tensor]),
  );
}

function checkNames(wanted: readonly string[], given: readonly string[]): void {
  const missing = wanted.filter((name) => !given.includes(name));
  const extra = given.filter((name) => !wanted.includes(name));
  if (missing.length === 0 && extra.length === 0) return;
  const parts = [
    ...(missing.length > 0 ? [`missing ${some(missing)}`] : []),
    ...(extra.length > 0 ? [`left over ${some(extra)}`] : []),
  ];
  throw new FormatError(`the tensors are not those of the network: ${parts.join('; ')}`);
}

/** The first few names. */
function some(names: readonly string[]): string {
  const most = 4;
  const rest = names.length - most;
  return names.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function checkTensor(name: string, { shape, data }: PytorchTensor, wanted: readonly number[]) {
  if (shape.join() !== wanted.join()) {
    throw new FormatError(
      `${name} is [${shape.join(', ')}], the network's is [${wanted.join(', ')}]`,
    );
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new FormatError(`${name} holds ${data[at]} at position ${at}`);
}

/** The same of tensors by our own names and in our order of axes; nothing is renamed or left out. */
export function fromTensorflow(
  wanted: readonly NamedShape[],
  tensors: ReadonlyMap<string, PytorchTensor>,
): Values {
  checkNames(
    wanted.map(({ name }) => name),
    [...tensors.keys()],
  );
  return new Map(
    wanted.map(({ name, shape: own }) => {
      const tensor = tensors.get(name)!;
      checkTensor(name, tensor, own);
      return [name, tensor.data];
    }),
  );
}

/** In the order of the layers. */
function places(network: NetworkShape): readonly Place[] {
  return inSequence(network.layers, { ...network, prefix: '', flattened: null });
}

interface Reached {
  readonly shape: readonly number[];
  readonly classes: number;
  readonly prefix: string;
  /** [height, width, channels] of the image that the features are; null where they never were one. */
  readonly flattened: readonly number[] | null;
}

function inSequence(layers: readonly LayerRecord[], start: Reached): readonly Place[] {
  let reached = start;
  return layers.flatMap((layer) => {
    const found = placesOf(layer, reached);
    reached = after(layer, reached);
    return found;
  });
}

function after(layer: LayerRecord, reached: Reached): Reached {
  const { shape } = weightsFor([layer], reached.shape, reached.classes);
  if (layer.kind === 'flatten') return { ...reached, shape, flattened: reached.shape };
  const isMixing = layer.kind === 'dense' || layer.kind === 'implicit';
  return { ...reached, shape, ...(isMixing ? { flattened: null } : {}) };
}

function placesOf(layer: LayerRecord, reached: Reached): readonly Place[] {
  switch (layer.kind) {
    case 'convolution':
    case 'dense':
    case 'batch-norm': {
      const { parameters, statistics } = weightsFor([layer], reached.shape, reached.classes);
      const flattened = layer.kind === 'dense' ? reached.flattened : null;
      return [...parameters, ...statistics].map(({ name, shape }) =>
        place(reached.prefix + name, shape, flattened),
      );
    }
    case 'implicit': {
      const { parameters } = weightsFor([layer], reached.shape, reached.classes);
      return parameters.map(({ name, shape }) => {
        const own = reached.prefix + name;
        // Row i of the coupling acts on unit i, as in PyTorch.
        const order = shape.map((_, axis) => axis);
        return name.endsWith('.weight')
          ? place(own, shape, reached.flattened)
          : { name: own, pytorch: own, axes: shape, order, shape };
      });
    }
    case 'residual': {
      const inside = { ...reached, prefix: `${reached.prefix}${layer.name}.` };
      return [layer.branch, layer.shortcut ?? []].flatMap((part) => inSequence(part, inside));
    }
    default:
      return [];
  }
}

const batchNormNames: Readonly<Record<string, string>> = {
  gamma: 'weight',
  beta: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};

function place(name: string, shape: readonly number[], flattened: readonly number[] | null): Place {
  const dot = name.lastIndexOf('.') + 1;
  const what = name.slice(dot);
  const pytorch = name.slice(0, dot) + (batchNormNames[what] ?? what);
  const { axes, order } = axesOf(shape, flattened);
  const theirs = order.map((axis) => axes[axis]!);
  // A flattened image is one axis to PyTorch too.
  const merged = axes.length > shape.length ? [theirs[0]!, shape[0]!] : theirs;
  return { name, pytorch, axes, order, shape: merged };
}

function axesOf(
  shape: readonly number[],
  flattened: readonly number[] | null,
): Pick<Place, 'axes' | 'order'> {
  if (shape.length === 4) return { axes: shape, order: [3, 2, 0, 1] };
  if (shape.length < 2) return { axes: shape, order: [0] };
  if (flattened?.length !== 3) return { axes: shape, order: [1, 0] };
  return { axes: [...flattened, shape[1]!], order: [3, 2, 0, 1] };
}

/** Values of a row-major array with these axes, row-major with the axes in another order. */
export function permuteAxes(
  values: Float32Array,
  axes: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = axes.map((_, axis) => axes.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = order.map((axis) => axes[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  const index = new Array<number>(sizes.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += steps[axis]!;
      if (index[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
