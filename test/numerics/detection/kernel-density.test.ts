/** Kernel densities against closed forms and sums in float64; broken variants fail the same checks. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../../numerics/detection/detector.js';
import {
  densityDetector,
  likelihoodBandwidth,
} from '../../../numerics/detection/kernel-density.js';
import { expectNoLeaks } from '../engine.js';
import { distances, normalMatrix, rowsOf } from './points.js';

expectNoLeaks();

const h = 0.7;
type Build = (references: tf.Tensor2D) => Detector;
const ours: Build = (references) => densityDetector(references, { bandwidth: h });
const wider: Build = (references) => densityDetector(references, { bandwidth: 1.1 * h });

/** -log of the mean of normal densities. */
function negativeLog(rows: readonly number[][], x: readonly number[], bandwidth = h): number {
  const d = x.length;
  const kernels = rows.map((row) => {
    const square = row.reduce((sum, value, p) => sum + (value - x[p]!) ** 2, 0);
    return Math.exp(-square / (2 * bandwidth ** 2)) / (2 * Math.PI * bandwidth ** 2) ** (d / 2);
  });
  return -Math.log(kernels.reduce((a, b) => a + b, 0) / rows.length);
}

describe('the density', () => {
  function isSum(build: Build): boolean {
    const [references, points] = [normalMatrix(1, 200, 3), normalMatrix(2, 25, 3)];
    const rows = rowsOf(references);
    const found = distances(build, references, points);
    const isClose = rowsOf(points).every(
      (x, i) => Math.abs(found[i]! - negativeLog(rows, x)) < 1e-4,
    );
    tf.dispose([references, points]);
    return isClose;
  }

  it('is the mean of the kernels; with another bandwidth it is not', () => {
    expect(isSum(ours)).toBe(true);
    expect(isSum(wider)).toBe(false);
  });

  it('integrates to 1', () => {
    const references = normalMatrix(1, 50, 1);
    const step = 0.02;
    const places = tf.tidy(() => tf.range(-8, 8, step).reshape<tf.Tensor2D>([-1, 1]));
    const found = distances(ours, references, places);
    const mass = found.reduce((sum, one) => sum + Math.exp(-one) * step, 0);
    expect(mass).toBeCloseTo(1, 4);
    tf.dispose([references, places]);
  });

  it('far from every reference is finite, where the kernels themselves underflow', () => {
    const [references, far] = [tf.tensor2d([[0, 0]]), tf.tensor2d([[300, 400]])];
    const [found] = distances(ours, references, far);
    expect(found! / (500 ** 2 / (2 * h ** 2))).toBeCloseTo(1, 3);
    tf.dispose([references, far]);
  });
});

describe('the bandwidth of greatest likelihood', () => {
  type Bandwidth = (references: tf.Tensor2D) => number;
  /** A reference as evidence for itself: the likelihood grows without bound as h falls. */
  const withItself: Bandwidth = () => 0.01;
  /** Silverman's rule (1986). */
  const silverman: Bandwidth = (references) => 1.06 * references.shape[0] ** -0.2;

  function logLikelihood(rows: readonly number[][], bandwidth: number): number {
    return rows.reduce((sum, x, i) => {
      const others = rows.filter((_, j) => j !== i);
      return sum - negativeLog(others, x, bandwidth);
    }, 0);
  }

  function isBest(bandwidth: Bandwidth): boolean {
    const references = normalMatrix(3, 150, 2);
    const rows = rowsOf(references);
    const found = bandwidth(references);
    references.dispose();
    const at = (factor: number) => logLikelihood(rows, factor * found);
    // Flat at its top: 5 % beside it, it is lower.
    return at(1) > at(0.95) && at(1) > at(1.05);
  }

  it('is a maximum of the likelihood of each reference by the others', () => {
    expect(isBest(likelihoodBandwidth)).toBe(true);
    expect(isBest(withItself)).toBe(false);
    expect(isBest(silverman)).toBe(false);
  });

  it('does not exist for equal references', () => {
    const references = tf.ones<tf.Rank.R2>([5, 3]);
    expect(() => likelihoodBandwidth(references)).toThrow('all equal');
    references.dispose();
  });
});
