/** Changes of a network's weights that leave its function as it is, each with a forgetful form that does not. */
import { parameterSize, type ParameterValues } from '../../numerics/models/parameters.js';
import type { Model } from '../../numerics/models/model.js';
import { normals, permutation, stream } from '../../numerics/random.js';
import type { Architecture } from './small-networks.js';

export interface Symmetry {
  readonly name: string;
  readonly architecture: Architecture;
  /** Whether the features before the last layer are the same up to their order. */
  readonly keepsFeatures: boolean;
  /** `forgetful`: a part of the change is left out, so that another function results. */
  apply(model: Model, values: ParameterValues, seed: number, forgetful?: true): ParameterValues;
}

/** How the entries along one axis of a tensor move: entry i comes from `from(i)`, times `factor(i)`. */
interface AxisChange {
  readonly axis: number;
  readonly from?: (i: number) => number;
  readonly factor?: (i: number) => number;
}

/** `shape` may split an axis of the tensor, where features are channels of pixels. */
function alongAxis(
  values: Float32Array,
  shape: readonly number[],
  { axis, from = (i) => i, factor = () => 1 }: AxisChange,
): Float32Array {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const size = shape[axis]!;
  return values.map((_, at) => {
    const i = Math.floor(at / inner) % size;
    return factor(i) * values[at + (from(i) - i) * inner]!;
  });
}

/** Name of a tensor, and how it is read and changed. */
type Change = AxisChange & { readonly tensor: string; readonly shape?: readonly number[] };

function changed(
  { parameters }: Model,
  values: ParameterValues,
  changes: readonly Change[],
): ParameterValues {
  const found = new Map(values);
  for (const { tensor, shape, ...change } of changes) {
    const spec = parameters.find(({ name }) => name === tensor)!;
    const read = shape ?? spec.shape;
    if (read.reduce((a, b) => a * b, 1) !== parameterSize(spec)) throw new Error(tensor);
    found.set(tensor, alongAxis(found.get(tensor)!, read, change));
  }
  return found;
}

/** Places of the hidden units: tensors that make them, and those that read them. */
const units: Readonly<Record<Architecture, { made: readonly Change[]; read: readonly Change[] }>> =
  {
    dense: {
      made: [
        { tensor: 'fc1.weight', axis: 1 },
        { tensor: 'fc1.bias', axis: 0 },
      ],
      read: [{ tensor: 'fc2.weight', axis: 0 }],
    },
    convolutional: {
      made: [
        { tensor: 'conv1.weight', axis: 3 },
        { tensor: 'conv1.bias', axis: 0 },
      ],
      read: [{ tensor: 'fc2.weight', axis: 1, shape: [4, 4, 3] }],
    },
    implicit: {
      made: [
        { tensor: 'fc1.weight', axis: 1 },
        { tensor: 'fc1.bias', axis: 0 },
        { tensor: 'fc1.coupling', axis: 0 },
        { tensor: 'fc1.coupling', axis: 1 },
        { tensor: 'fc1.scaling', axis: 0 },
        { tensor: 'fc1.damping', axis: 0 },
      ],
      read: [{ tensor: 'fc2.weight', axis: 0 }],
    },
  };

const unitCount: Readonly<Record<Architecture, number>> = {
  dense: 8,
  convolutional: 4,
  implicit: 6,
};

function permuted(architecture: Architecture): Symmetry {
  return {
    ...{ name: 'a permutation of hidden units', architecture, keepsFeatures: true },
    apply(model, values, seed, forgetful) {
      const order = permutation(stream(seed, 'shuffle', 0), unitCount[architecture]);
      const from = (i: number) => order[i]!;
      const { made, read } = units[architecture];
      const places = [...made, ...(forgetful ? [] : read)];
      return changed(
        model,
        values,
        places.map((place) => ({ ...place, from })),
      );
    },
  };
}

/** Each ReLU unit times c > 0, and what reads it over c. */
function rescaled(architecture: 'dense' | 'convolutional'): Symmetry {
  return {
    ...{ name: 'a scale of each ReLU', architecture, keepsFeatures: false },
    apply(model, values, seed, forgetful) {
      const factors = normals(stream(seed, 'probe', 0), unitCount[architecture]).map(Math.exp);
      const up = (i: number) => factors[i]!;
      const down = (i: number) => (forgetful ? 1 : 1 / factors[i]!);
      const { made, read } = units[architecture];
      return changed(model, values, [
        ...made.map((place) => ({ ...place, factor: up })),
        ...read.map((place) => ({ ...place, factor: down })),
      ]);
    },
  };
}

/** z = D x with D = diag(e^η) in place of x, so that η = 0: B and b times D, C over D. */
const gauge: Symmetry = {
  ...{ name: 'the diagonal gauge', architecture: 'implicit', keepsFeatures: false },
  apply(model, values, _seed, forgetful) {
    const d = values.get('fc1.scaling')!.map(Math.exp);
    const up = (i: number) => (forgetful ? 1 / d[i]! : d[i]!);
    return changed(model, values, [
      { tensor: 'fc1.scaling', axis: 0, factor: () => 0 },
      { tensor: 'fc1.weight', axis: 1, factor: up },
      { tensor: 'fc1.bias', axis: 0, factor: up },
      { tensor: 'fc2.weight', axis: 0, factor: (i) => 1 / up(i) },
    ]);
  },
};

/** η + c for all units, and -a for some. */
const redundant: Symmetry = {
  ...{ name: 'a constant in η and signs of a', architecture: 'implicit', keepsFeatures: true },
  apply(model, values, seed, forgetful) {
    const signs = normals(stream(seed, 'probe', 1), unitCount.implicit).map(Math.sign);
    const flipped = changed(model, values, [
      { tensor: 'fc1.damping', axis: 0, factor: (i) => signs[i]! },
    ]);
    const moved = values
      .get('fc1.scaling')!
      .map((eta, i) => eta + (forgetful && i % 2 === 0 ? -0.7 : 0.7));
    return new Map([...flipped, ['fc1.scaling', moved]]);
  },
};

export const symmetries: readonly Symmetry[] = [
  ...(['dense', 'convolutional', 'implicit'] as const).map(permuted),
  ...(['dense', 'convolutional'] as const).map(rescaled),
  ...[gauge, redundant],
];
