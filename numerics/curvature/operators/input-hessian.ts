/** The Hessian of each image's cross-entropy with respect to the image, a batch of images at a time. */
import { inOrder } from '../../data/batches.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { compileImageProducts, type ImageProducts, type OpenImages } from './image-products.js';
import type { BlockOperator } from './operator.js';

/** The input Hessians of all images of a data set, as operators, one batch at a time. */
export interface InputHessian {
  /** Images of a batch; fewer than asked for where the data set has fewer. */
  readonly batchSize: number;
  /** Images of the data set. */
  readonly count: number;
  /** Entries of an image. */
  readonly size: number;
  /**
   * The blocks of images `from` … `from + batchSize - 1`, as far as there are such, each of the
   * image's own loss. The pass through the network is done here, once, and again where few images
   * are left: products of few vectors are then computed in a smaller batch of those images alone.
   * The parameters must outlive the blocks.
   */
  blocks(parameters: ParameterTensors, from: number): InputBlocks;
  dispose(): void;
}

/** The Hessians of one batch's images; holds native tensors until `dispose()`. */
interface InputBlocks extends BlockOperator {
  dispose(): void;
}

/** Batches below this have no smaller one: a product takes as long as its call there. */
const smallestPacked = 32;

/**
 * Images of the smaller batch into which what is left is packed. At 3/8 of a batch a product and the pass through
 * the network again take less time than the product of the whole batch (cnn-small: 0.6 of it), at 1/2 about as much.
 */
export function packedBatch(batch: number): number | null {
  return batch < smallestPacked ? null : Math.ceil((3 * batch) / 8);
}

/** Compiles the Hessian-vector product of each image: forward over reverse mode in one graph, float32. */
export function createInputHessian(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): InputHessian {
  const batch = Math.min(batchSize, data.count);
  const packed = packedBatch(batch);
  const compiled = new Map<number, ImageProducts>();
  const productsFor = (count: number): ImageProducts => {
    const capacity = packed !== null && count <= packed ? packed : batch;
    const known = compiled.get(capacity) ?? compileImageProducts(host, model, data, capacity);
    compiled.set(capacity, known);
    return known;
  };
  productsFor(batch);
  return {
    batchSize: batch,
    count: data.count,
    size: data.shape.reduce((a, b) => a * b, 1),
    blocks: (parameters, from) =>
      openBlocks(productsFor, parameters, inOrder(data.count).subarray(from, from + batch)),
    dispose: () => {
      for (const products of compiled.values()) products.dispose();
    },
  };
}

/** Holds one open batch, of all the images or of those that still have vectors. */
function openBlocks(
  productsFor: (count: number) => ImageProducts,
  parameters: ParameterTensors,
  images: Int32Array,
): InputBlocks {
  const openAt = (places: readonly number[]): { places: readonly number[]; held: OpenImages } => {
    const chosen = Int32Array.from(places, (place) => images[place]!);
    return { places, held: productsFor(places.length).open(parameters, chosen) };
  };
  let open = openAt([...images.keys()]);
  const matvecs: BlockOperator['matvecs'] = (vectors) => {
    const wanted = vectors.flatMap((v, place) => (v ? [place] : []));
    if (wanted.length === 0) return vectors.map(() => null);
    const fits = wanted.every((place) => open.places.includes(place));
    if (!fits || productsFor(wanted.length).capacity < open.held.capacity) {
      open.held.dispose();
      open = openAt(wanted);
    }
    const products = open.held.multiply(open.places.map((place) => vectors[place] ?? null));
    const found = new Map(open.places.map((place, i) => [place, products[i]!]));
    return vectors.map((v, place) => v && found.get(place)!);
  };
  return {
    count: images.length,
    size: open.held.size,
    matvecs,
    dispose: () => open.held.dispose(),
  };
}
