/** Stored results in float64, small: what lies in vectors is kept as a sketch. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../settings/paths.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import type { ParameterValues } from '../../numerics/models/parameters.js';
import { exactnessParts, type BenchModel, type ExactnessPart } from '../request.js';
import { sketchRows } from './sketch.js';

export type Tensors = ReadonlyMap<string, StoredTensor>;

/** The part of the inputs that cannot be drawn from a seed. */
export interface Chosen {
  /** Running statistics of batch norm; without them those that a network begins with. */
  readonly statistics: ParameterValues;
  /** Indices of the images; null: as they are generated. */
  readonly order: Int32Array | null;
}

export interface Reference {
  readonly tensors: Tensors;
  /** sha256 of the weights and images that it is of. */
  readonly inputs: string;
  readonly chosen: Chosen;
}

/** Results compared, by network: with batch norm a curve would need statistics at every point. */
export const comparedParts: Readonly<Record<BenchModel, readonly ExactnessPart[]>> = {
  'cnn-small': exactnessParts,
  preresnet26: exactnessParts.filter((part) => part !== 'curve'),
  vgg16: ['passes'],
};

/** Sums that an image's vector is sketched to, and those of the weights' vector. */
const sumsPerImage = 64;
const sumsOfWeights = 4096;

export const statisticsPrefix = 'statistics/';
export const orderName = 'order';

export function referencePath(model: BenchModel): string {
  return join(repositoryRoot, 'bench', 'gpu', 'reference', `${model}.safetensors`);
}

export async function readReference(model: BenchModel): Promise<Reference> {
  const { tensors, metadata } = decodeSafetensors(await readFile(referencePath(model)));
  const statistics = [...tensors].filter(([name]) => name.startsWith(statisticsPrefix));
  const order = tensors.get(orderName)?.data;
  const chosen = {
    statistics: new Map(
      statistics.map(([name, { data }]) => [
        name.slice(statisticsPrefix.length),
        data as Float32Array,
      ]),
    ),
    order: order instanceof Int32Array ? order : null,
  };
  return { tensors, inputs: metadata['inputs'] ?? '', chosen };
}

/** The sketch of one vector per image, [images, sums]. */
export function sketchImages({ shape, data }: StoredTensor): Float64Array {
  const [images = 0] = shape;
  return sketchRows(data as ArrayLike<number>, data.length / images, sumsPerImage);
}

/** The sketch of all weights as one vector, in the order of their names. */
export function sketchWeights(tensors: Tensors, prefix: string): Float64Array {
  const names = [...tensors.keys()].filter((name) => name.startsWith(prefix)).sort();
  const values = names.flatMap((name) => Array.from(tensors.get(name)!.data as ArrayLike<number>));
  return sketchRows(values, values.length, sumsOfWeights);
}
