/** Layers of residual networks: batch norm, convolutions without bias, shortcuts, the last pooling. */
import * as tf from '@tensorflow/tfjs';
import { fanOutNormal, ones, zeros } from './initial.js';
import type { ConvolutionShape, Layer } from './layer.js';
import { globalAverage, bareConvolve } from './layers.js';

/** PyTorch's default: the share of the newest batch in the running statistics. */
const defaultMomentum = 0.1;

/** Parameters gamma and beta, statistics mean and variance, each [channels]. */
export function batchNorm(name: string, channels: number, momentum = defaultMomentum): Layer {
  const shape = [channels];
  return {
    parameters: [
      { name: `${name}.gamma`, shape, initial: ones },
      { name: `${name}.beta`, shape, initial: zeros },
    ],
    statistics: [
      { name: `${name}.mean`, shape, start: 0, momentum },
      { name: `${name}.variance`, shape, start: 1, momentum },
    ],
    apply: (x, { weight, normalise }) =>
      normalise(name, x, weight(`${name}.gamma`), weight(`${name}.beta`)),
  };
}

/** k x k with zero padding of (k - 1) / 2 and no bias. */
export function bareConvolution(name: string, shape: ConvolutionShape, stride: number): Layer {
  const { kernel, from, to } = shape;
  return {
    parameters: [
      { name: `${name}.weight`, shape: [kernel, kernel, from, to], initial: fanOutNormal },
    ],
    apply: (x, { weight }) => bareConvolve(x, weight(`${name}.weight`), stride),
  };
}

/** branch(x) + shortcut(x); the identity where there is no shortcut layer. */
export function residual(branch: Layer, shortcut: Layer | null): Layer {
  return {
    parameters: [...branch.parameters, ...(shortcut?.parameters ?? [])],
    statistics: [...(branch.statistics ?? []), ...(shortcut?.statistics ?? [])],
    apply: (x, pass) =>
      tf.add(branch.apply(x, pass), shortcut === null ? x : shortcut.apply(x, pass)),
  };
}

/** The mean over all pixels: 8 x 8 of them for 32 x 32 images. */
export const averagePooling: Layer = { parameters: [], apply: (x) => globalAverage(x) };
