/** The PCA residual against its exact law, and identities that hold for any data; broken variants fail the same checks. */
import * as tf from '@tensorflow/tfjs';
import { cumulativeStdNormalProbability } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { auroc } from '../../../numerics/detection/auroc.js';
import type { Detector } from '../../../numerics/detection/detector.js';
import { pcaDetector } from '../../../numerics/detection/pca-residual.js';
import {
  componentCount,
  principalComponents,
} from '../../../numerics/detection/principal-components.js';
import { expectNoLeaks, values } from '../engine.js';
import { distances, length, normalMatrix, orthonormal, rowsOf } from './points.js';

expectNoLeaks();

type Build = (references: tf.Tensor2D, components: number) => Detector;
const ours: Build = (references, components) => pcaDetector(references, { components });
const oneLess: Build = (references, components) =>
  pcaDetector(references, { components: components - 1 });
/** Principal directions of data that were not centred first. */
const uncentred: Build = (references, components) => {
  const both = tf.tidy(() => tf.concat<tf.Tensor2D>([references, tf.neg(references)]));
  const detector = pcaDetector(both, { components });
  both.dispose();
  return detector;
};
const variants = { oneLess, uncentred };

const [d, r, sigma] = [200, 10, 0.1] as const;

/** x = m + B z + σ n, with z normal of dimension r: shape [rows, d]. */
function signalAndNoise(seed: number, rows: number): tf.Tensor2D {
  return tf.tidy(() => {
    const basis = orthonormal(7, d, r);
    const signal = tf.matMul(normalMatrix(seed, rows, r), basis, false, true);
    const noise = tf.mul(normalMatrix(seed + 1000, rows, d), sigma);
    return tf.add<tf.Tensor2D>(tf.add(signal, noise), 2);
  });
}

describe('the exact law: residual² / σ² of a clean point is χ² with d - r degrees of freedom', () => {
  /** Mean and variance of the law are d - r and 2 (d - r); of 4,000 points. */
  function followsLaw(build: Build): boolean {
    const [references, points] = [signalAndNoise(1, 6000), signalAndNoise(2, 4000)];
    const found = distances((those) => build(those, r), references, points).map(
      (distance) => (distance / sigma) ** 2,
    );
    tf.dispose([references, points]);
    const mean = found.reduce((a, b) => a + b, 0) / found.length;
    const variance = found.reduce((sum, one) => sum + (one - mean) ** 2, 0) / found.length;
    // Standard errors: √(380 / 4000) = .31, and about 380 √(2 / 4000) = 8.5; the subspace of 6,000 references adds about r d / 6000 = .3.
    return Math.abs(mean - (d - r)) < 1.5 && Math.abs(variance - 2 * (d - r)) < 40;
  }

  it('holds; with one component less, or without centring, it does not', () => {
    expect(followsLaw(ours)).toBe(true);
    for (const variant of Object.values(variants)) expect(followsLaw(variant)).toBe(false);
  });

  it.each([
    [0.2, 0.554],
    [0.4, 0.707],
    [0.8, 0.971],
  ])(
    'a shift of length %f outside the subspace has the AUROC of the non-central law',
    (shift, published) => {
      const [references, clean, base] = [1, 2, 3].map((seed) => signalAndNoise(seed, 6000));
      const moved = tf.tidy(() => {
        const basis = orthonormal(7, d, r);
        const direction = tf.tidy(() => {
          const any = normalMatrix(9, 1, d);
          const rest = tf.sub(any, tf.matMul(tf.matMul(any, basis), basis, false, true));
          return tf.div(rest, tf.norm(rest));
        });
        return tf.add<tf.Tensor2D>(base!, tf.mul(direction, shift));
      });
      const build = (those: tf.Tensor2D) => ours(those, r);
      const { area } = auroc({
        positives: Float32Array.from(distances(build, references!, moved)),
        negatives: Float32Array.from(distances(build, references!, clean!)),
      });
      tf.dispose([references!, clean!, base!, moved]);
      const excess = (shift / sigma) ** 2;
      const formula = cumulativeStdNormalProbability(
        Math.round((100 * excess) / Math.sqrt(4 * (d - r) + 4 * excess)) / 100,
      );
      // Standard error √(1 / (6 · 6000)) = .005; the formula is a normal approximation, good to .007.
      expect(Math.abs(area - published)).toBeLessThan(0.016);
      expect(Math.abs(area - formula)).toBeLessThan(0.02);
    },
  );
});

describe('identities', () => {
  const cloud = (): tf.Tensor2D =>
    tf.tidy(() => {
      const scales = tf.tensor2d([[3, 2, 1.5, 1, 0.5, 0.2]]);
      return tf.add<tf.Tensor2D>(tf.mul(normalMatrix(4, 300, 6), scales), [[5, -3, 1, 0, 2, 4]]);
    });

  it('the mean squared residual over the references is the sum of the dropped eigenvalues', () => {
    const meanSquare = (build: Build): number => {
      const references = cloud();
      const found = distances((those) => build(those, 2), references, references);
      references.dispose();
      return found.reduce((sum, one) => sum + one ** 2, 0) / found.length;
    };
    const references = cloud();
    const { mean, basis, eigenvalues } = principalComponents(references, { components: 2 });
    tf.dispose([references, mean, basis]);
    const dropped = eigenvalues.slice(2).reduce((a, b) => a + b, 0);
    // float32 sums of 300 terms.
    expect(meanSquare(ours)).toBeCloseTo(dropped, 4);
    for (const variant of Object.values(variants)) {
      expect(Math.abs(meanSquare(variant) - dropped)).toBeGreaterThan(0.1);
    }
  });

  it('adding a component never raises a residual, and with all of them none is left', () => {
    const [references, points] = [cloud(), normalMatrix(5, 40, 6)];
    const all = [1, 2, 3, 4, 5, 6].map((n) =>
      distances((those) => ours(those, n), references, points),
    );
    all
      .slice(1)
      .forEach((found, n) =>
        found.forEach((one, i) => expect(one).toBeLessThanOrEqual(all[n]![i]! + 1e-5)),
      );
    expect(Math.max(...all.at(-1)!)).toBeLessThan(1e-5);
    tf.dispose([references, points]);
  });

  it('an orthogonal change of basis changes nothing', () => {
    const [references, points, turn] = [cloud(), normalMatrix(5, 40, 6), orthonormal(6, 6, 6)];
    const before = distances((those) => ours(those, 3), references, points);
    const [turnedReferences, turnedPoints] = [references, points].map((one) =>
      tf.matMul<tf.Tensor2D>(one, turn),
    );
    const after = distances((those) => ours(those, 3), turnedReferences!, turnedPoints!);
    before.forEach((one, i) => expect(after[i]).toBeCloseTo(one, 4));
    tf.dispose([references, points, turn, turnedReferences!, turnedPoints!]);
  });

  it('a move along the residual by h changes the distance by exactly h', () => {
    const [references, points] = [cloud(), normalMatrix(5, 40, 6)];
    const detector = ours(references, 3);
    const [before, after] = tf.tidy(() => {
      const moved = tf.add<tf.Tensor2D>(points, tf.mul(detector.gradients(points), 0.25));
      return [values(detector.distances(points)), values(detector.distances(moved))];
    });
    before.forEach((one, i) => expect(after[i]! - one).toBeCloseTo(0.25, 5));
    detector.dispose();
    tf.dispose([references, points]);
  });

  it('keeps the fewest components that explain the asked-for share', () => {
    const eigenvalues = Float32Array.of(6, 3, 0.5, 0.5, -1e-9);
    expect(componentCount(eigenvalues, { variance: 0.6 })).toBe(1);
    expect(componentCount(eigenvalues, { variance: 0.61 })).toBe(2);
    expect(componentCount(eigenvalues, { variance: 0.95 })).toBe(3);
    expect(() => componentCount(eigenvalues, { components: 6 })).toThrow('6 components of 5');
  });

  it('the basis is orthonormal', () => {
    const references = cloud();
    const { mean, basis } = principalComponents(references, { components: 4 });
    const gram = tf.tidy(() => rowsOf(tf.matMul(basis, basis, true)));
    gram.forEach((row, i) => row.forEach((one, j) => expect(one).toBeCloseTo(i === j ? 1 : 0, 5)));
    expect(length(gram[0]!)).toBeCloseTo(1, 5);
    tf.dispose([references, mean, basis]);
  });
});
