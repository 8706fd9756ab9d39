/**
 * Batch norm with fixed statistics directly after a convolution is part of it: gamma (W x + b - mean) / s + beta is a
 * convolution with kernels W gamma / s and bias (b - mean) gamma / s + beta, s = √(variance + ε).
 */
import * as tf from '@tensorflow/tfjs';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import { scaleOf } from './batch-norm.js';
import type { ForwardPass } from './forward.js';

/** Layers without the batch norms that are part of a convolution. */
export interface FoldedLayers {
  readonly layers: readonly LayerRecord[];
  /** From the full name of such a convolution to that of its batch norm. */
  readonly batchNorms: ReadonlyMap<string, string>;
}

/** Leaves out each batch norm that directly follows a convolution, inside residual blocks too. */
export function foldBatchNorm(layers: readonly LayerRecord[], prefix = ''): FoldedLayers {
  const batchNorms = new Map<string, string>();
  const folded = layers.flatMap((layer, i): LayerRecord[] => {
    const [before, after] = [layers[i - 1], layers[i + 1]];
    if (layer.kind === 'convolution' && after?.kind === 'batch-norm') {
      batchNorms.set(prefix + layer.name, prefix + after.name);
      return [{ ...layer, bias: true }];
    }
    if (layer.kind === 'batch-norm' && before?.kind === 'convolution') return [];
    if (layer.kind !== 'residual') return [layer];
    const inside = [layer.branch, layer.shortcut ?? []].map((part) =>
      foldBatchNorm(part, `${prefix}${layer.name}.`),
    );
    for (const part of inside) part.batchNorms.forEach((norm, at) => batchNorms.set(at, norm));
    const [branch, shortcut] = inside.map((part) => part.layers);
    return [{ ...layer, branch: branch!, ...(layer.shortcut ? { shortcut: shortcut! } : {}) }];
  });
  return { layers: folded, batchNorms };
}

/** Looks weights up by name, those of convolutions with their batch norm folded into them. */
export function foldedWeight(
  weight: ForwardPass['weight'],
  has: (name: string) => boolean,
  batchNorms: ReadonlyMap<string, string>,
): ForwardPass['weight'] {
  return (name) => {
    const dot = name.lastIndexOf('.');
    const [layer, what] = [name.slice(0, dot), name.slice(dot + 1)];
    const norm = batchNorms.get(layer);
    if (norm === undefined) return weight(name);
    const scale = scaleOf(weight(`${norm}.gamma`), weight(`${norm}.variance`));
    if (what === 'weight') return tf.mul(weight(name), scale);
    const mean = weight(`${norm}.mean`);
    const shift = has(name) ? tf.sub(weight(name), mean) : tf.neg(mean);
    return tf.add(tf.mul(shift, scale), weight(`${norm}.beta`));
  };
}
