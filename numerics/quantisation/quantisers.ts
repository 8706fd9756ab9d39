/**
 * Projections of weights onto a grid of few values times a scale: pure functions of tensors, so that a captured step can
 * quantise. Each takes [groups, values] to the same shape; a row has a scale of its own.
 */
import * as tf from '@tensorflow/tfjs';
import type { QuantisationGrid, Quantiser } from '../../experiment/specs/quantisation.js';
import { fromGroups, toGroups } from './scale-groups.js';

/** Q(V) for weights V of any shape [..., out], in the same shape; equal scales for each group of `per`. */
export function quantise(weights: tf.Tensor, { grid, per }: Quantiser): tf.Tensor {
  return fromGroups(quantiseRows(toGroups(weights, per), grid), weights.shape, per);
}

function quantiseRows(rows: tf.Tensor, grid: QuantisationGrid): tf.Tensor {
  switch (grid.scheme) {
    case 'binary':
      return binary(rows);
    case 'ternary':
      return ternary(rows, grid.variant);
    case 'uniform':
      return uniform(rows, grid.bits);
    default:
      throw new Error(`unknown scheme ${JSON.stringify(grid satisfies never)}`);
  }
}

/**
 * mean|v| · sign(v) with sign(0) = 1, so that there is no third value: the nearest of all scale · {-1, 1}ⁿ in least
 * squares (Rastegari et al. 2016, section 3.1).
 */
function binary(rows: tf.Tensor): tf.Tensor {
  const isPositive = tf.cast(tf.greaterEqual(rows, 0), 'float32');
  return tf.mul(tf.sub(tf.mul(isPositive, 2), 1), tf.mean(tf.abs(rows), 1, true));
}

/** Threshold of ternary weight networks over the mean magnitude (Li et al. 2016, section 2.3). */
const thresholdFactor = 0.7;

/**
 * scale · sign(v) where |v| ≥ τ, 0 elsewhere. `exact`: the nearest of all scale · {-1, 0, 1}ⁿ in least squares, scale
 * the mean of the kept |v|. `twn`: τ = 0.7 mean|v| with the same scale. `published`: the same τ, but the sum of the
 * kept |v| over the number of all (LZJ, EnResNet.py), too small by the share that is kept.
 */
function ternary(
  rows: tf.Tensor,
  variant: Extract<QuantisationGrid, { scheme: 'ternary' }>['variant'],
): tf.Tensor {
  const magnitude = tf.abs(rows);
  const threshold =
    variant === 'exact'
      ? leastSquaresThreshold(magnitude)
      : tf.mul(tf.mean(magnitude, 1, true), thresholdFactor);
  const kept = tf.cast(tf.greaterEqual(magnitude, threshold), 'float32');
  const sum = tf.sum(tf.mul(magnitude, kept), 1, true);
  const count = variant === 'published' ? rows.shape[1]! : tf.sum(kept, 1, true);
  return tf.mul(tf.mul(tf.sign(rows), kept), tf.div(sum, count));
}

/**
 * The k-th largest magnitude for the k that maximises (Σ_{i ≤ k} |v|₍ᵢ₎)² / k: with the k largest kept and their mean
 * as scale the squared error is ‖v‖² less that. [rows, values] to [rows, 1].
 */
function leastSquaresThreshold(magnitude: tf.Tensor): tf.Tensor {
  const n = magnitude.shape[1]!;
  const { values: sorted } = tf.topk(magnitude, n);
  const gain = tf.div(tf.square(tf.cumsum(sorted, 1)), tf.range(1, n + 1));
  const isBest = tf.greaterEqual(gain, tf.max(gain, 1, true));
  return tf.min(tf.where(isBest, sorted, tf.fill(sorted.shape, Infinity)), 1, true);
}

/**
 * scale · sign(v) · j with levels j = 0 … L, L = 2^(bits - 1) - 1: j = ⌈(|v| / δ - 1) / 2⌉ within 0 … L for
 * δ = max|v| / (2L + 1), so |v| in ((2j - 1) δ, (2j + 1) δ] has level j and what is above (2L - 1) δ has L; the scale is
 * Σ |v| j / Σ j², least squares for these levels. With 4 bits the 15 values of LZJ, EnResNet.py.
 */
function uniform(rows: tf.Tensor, bits: number): tf.Tensor {
  const most = 2 ** (bits - 1) - 1;
  const magnitude = tf.abs(rows);
  const delta = tf.div(tf.max(magnitude, 1, true), 2 * most + 1);
  // A row of zeros has the level 0.
  const ratio = tf.div(magnitude, tf.maximum(delta, leastNormal));
  const level = tf.clipByValue(tf.ceil(tf.div(tf.sub(ratio, 1), 2)), 0, most);
  const squares = tf.sum(tf.square(level), 1, true);
  const scale = tf.div(tf.sum(tf.mul(magnitude, level), 1, true), tf.maximum(squares, 1));
  return tf.mul(tf.mul(tf.sign(rows), level), scale);
}

/** Smallest normal float32. */
const leastNormal = 2 ** -126;
