/** The shape after each layer of a network, and the first layer that does not fit. */
import type { LayerRecord } from './layer-records.js';
import { weightsFor } from './weights.js';

/** One layer, those inside residual blocks included. */
export interface LayerShape {
  /** Where it is written: `layers[2].residual.body[0]`. */
  readonly at: string;
  /** Its kind as files call it, and its name if it has weights: `conv conv1`. */
  readonly layer: string;
  /** Residual blocks around it. */
  readonly depth: number;
  /** [height, width, channels] or [features] after it. */
  readonly shape: readonly number[];
  /** Trained values, of a block those of its layers. */
  readonly parameters: number;
}

/** A layer that cannot take what comes before it: one line with its place, its name and the shape before it. */
export class LayerMisfit extends Error {
  override readonly name = 'LayerMisfit';
}

/** Kinds of layers as experiment files call them. */
const writtenKinds: Readonly<Record<LayerRecord['kind'], string>> = {
  convolution: 'conv',
  dense: 'dense',
  'batch-norm': 'batch-norm',
  'max-pool': 'max-pool',
  'average-pool': 'avg-pool',
  'global-average-pool': 'global-avg-pool',
  normalise: 'normalise',
  'pad-channels': 'pad-channels',
  relu: 'relu',
  'leaky-relu': 'leaky-relu',
  softplus: 'softplus',
  tanh: 'tanh',
  implicit: 'implicit',
  flatten: 'flatten',
  dropout: 'dropout',
  residual: 'residual',
};

/** Shapes for images of this shape; throws a LayerMisfit. */
export function layerShapes(
  layers: readonly LayerRecord[],
  shape: readonly number[],
  classes: number,
): readonly LayerShape[] {
  return trace(layers, { at: 'layers', depth: 0, shape, classes });
}

interface Place {
  readonly at: string;
  readonly depth: number;
  readonly shape: readonly number[];
  readonly classes: number;
}

function trace(layers: readonly LayerRecord[], place: Place): readonly LayerShape[] {
  const found: LayerShape[] = [];
  let { shape } = place;
  for (const [i, layer] of layers.entries()) {
    const here = { ...place, at: `${place.at}[${i}]`, shape };
    const own = traceLayer(layer, here);
    found.push(own, ...inside(layer, here));
    ({ shape } = own);
  }
  return found;
}

/** Layers inside a block are looked at first, so that the innermost is named. */
function traceLayer(layer: LayerRecord, place: Place): LayerShape {
  const { at, depth, shape: before, classes } = place;
  inside(layer, place);
  const label = layerLabel(layer);
  try {
    const { shape, parameters } = weightsFor([layer], before, classes);
    const count = parameters.reduce((sum, one) => sum + product(one.shape), 0);
    return { at, layer: label, depth, shape, parameters: count };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LayerMisfit(`${at} (${label}), after ${shapeText(before)}: ${why}`, { cause });
  }
}

function inside(layer: LayerRecord, place: Place): readonly LayerShape[] {
  if (layer.kind !== 'residual') return [];
  const within = (part: string) => ({
    ...place,
    ...{ at: `${place.at}.residual.${part}`, depth: place.depth + 1 },
  });
  return [
    ...trace(layer.branch, within('body')),
    ...trace(layer.shortcut ?? [], within('shortcut')),
  ];
}

function layerLabel(layer: LayerRecord): string {
  const kind = writtenKinds[layer.kind];
  return 'name' in layer ? `${kind} ${layer.name}` : kind;
}

/** `28 x 28 x 1`. */
export function shapeText(shape: readonly number[]): string {
  return shape.join(' x ');
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
