/** Masks of sparse networks: which tensors have one, the first ones, and those of the largest weights. */
import type { Model } from '../models/model.js';
import { parameterSize, type ParameterSpec } from '../models/parameters.js';
import { permutation, stream } from '../random.js';
import { activeCounts, type InitialDensities } from './densities.js';
import { largest } from './largest.js';

/** A tensor of weights that has a mask. */
export interface MaskedTensor extends ParameterSpec {
  /** Index of the parameter in the order of the model. */
  readonly position: number;
}

/** Weights of convolutions and dense layers, the first and the last included; biases and batch norm have no mask. */
export function maskedTensors({ parameters }: Pick<Model, 'parameters'>): readonly MaskedTensor[] {
  return parameters.flatMap(({ name, shape }, position) =>
    shape.length > 1 ? [{ name, shape, position }] : [],
  );
}

/** 1 at exactly round(d_l · n_l) places of each tensor, drawn without replacement, 0 elsewhere. */
export function randomMasks(
  tensors: readonly MaskedTensor[],
  density: number,
  { initial, seed }: { readonly initial: InitialDensities; readonly seed: number },
): readonly Float32Array[] {
  const counts = activeCounts(tensors, density, initial);
  return tensors.map((tensor, l) => {
    const mask = new Float32Array(parameterSize(tensor));
    const places = permutation(stream(seed, 'sparsity-mask', l), mask.length);
    for (const place of places.subarray(0, counts[l])) mask[place] = 1;
    return mask;
  });
}

/**
 * 1 at the round(density · n) largest |w| of all n weights together, 0 elsewhere (Han et al. 2015): one threshold for the
 * whole network. Among equal weights those of the first tensors stay.
 */
export function magnitudeMasks(
  weights: readonly Float32Array[],
  density: number,
): readonly Float32Array[] {
  const size = weights.reduce((sum, { length }) => sum + length, 0);
  const all = new Float32Array(size);
  let from = 0;
  for (const one of weights) {
    all.set(one, from);
    from += one.length;
  }
  const mask = new Float32Array(size);
  const positions = Uint32Array.from({ length: size }, (_, i) => i);
  for (const place of largest(all, positions, Math.round(density * size))) mask[place] = 1;
  let at = 0;
  return weights.map(({ length }) => mask.slice(at, (at += length)));
}
