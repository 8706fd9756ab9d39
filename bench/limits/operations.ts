/**
 * Floating-point operations of passes through a network, per image: a multiplication and an addition count as two.
 * Only convolutions and dense layers are counted; padding counts like the image, as oneDNN counts it.
 */
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import { weightsFor } from '../../experiment/catalogue/models/weights.js';
import type { OwnWork } from '../request.js';

/** Operations of one forward pass. */
export interface ForwardOperations {
  readonly total: number;
  /** Those of the layers that take the image itself: training needs no gradient with respect to it. */
  readonly first: number;
}

/** Operations of one forward pass for one image of this shape; a gradient in images or in weights takes as many. */
export function forwardOperations(
  layers: readonly LayerRecord[],
  shape: readonly number[],
  classes: number,
): ForwardOperations {
  return inSequence(layers, { shape, classes, isImage: true });
}

interface Place {
  readonly shape: readonly number[];
  readonly classes: number;
  /** Whether no layer with weights lies before it. */
  readonly isImage: boolean;
}

function inSequence(layers: readonly LayerRecord[], place: Place): ForwardOperations {
  let { shape, isImage } = place;
  let [total, first] = [0, 0];
  for (const layer of layers) {
    const own = atLayer(layer, { ...place, shape, isImage });
    total += own.total;
    first += own.first;
    isImage &&= own.total === 0;
    shape = weightsFor([layer], shape, place.classes).shape;
  }
  return { total, first };
}

function atLayer(layer: LayerRecord, place: Place): ForwardOperations {
  const { shape, classes, isImage } = place;
  if (layer.kind === 'residual') {
    const branch = inSequence(layer.branch, place);
    const shortcut = inSequence(layer.shortcut ?? [], place);
    return { total: branch.total + shortcut.total, first: branch.first + shortcut.first };
  }
  if (layer.kind !== 'convolution' && layer.kind !== 'dense') return { total: 0, first: 0 };
  const outputs = weightsFor([layer], shape, classes).shape.reduce((a, b) => a * b, 1);
  const inputs = layer.kind === 'dense' ? shape[0]! : layer.size ** 2 * shape[2]!;
  const total = 2 * inputs * outputs;
  return { total, first: isImage ? total : 0 };
}

/**
 * Operations of one unit of work for one image; null where their number depends on the data or on iterations.
 * A Hessian product is the derivative of the gradient: in weights each factor of a product has its own term.
 */
export function workOperations(
  work: OwnWork,
  { total, first }: ForwardOperations,
  classes: number,
): number | null {
  const inner = total - first;
  // Tangents of activations and of their gradients, then of the weight gradient; the image has no tangent.
  const weightTangents = total + inner + 2 * inner + total + inner;
  switch (work) {
    case 'forward':
      return total;
    case 'training-step':
      return total + inner + total;
    case 'pgd-step':
      return 2 * total;
    case 'pgd-10':
      // Scores before and after are two further forward passes.
      return 10 * 2 * total + 2 * total;
    case 'weight-product':
      return total + inner + weightTangents;
    case 'weight-product-kept':
      return weightTangents;
    case 'input-product':
      return 4 * total;
    case 'input-product-kept':
      return 2 * total;
    case 'eigenvalues-closed-form':
      return total + (classes - 1) * total;
    case 'eigenvalues-lanczos':
    case 'certified-step':
      return null;
    default:
      throw new Error(`unknown work ${String(work satisfies never)}`);
  }
}
