/** Estimators by neighbours against float64 by brute force and against closed forms; broken variants fail the same checks. */
import * as tf from '@tensorflow/tfjs';
import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../../numerics/detection/detector.js';
import { nearestDetector } from '../../../numerics/detection/k-nearest.js';
import { lleDetector, reconstructionWeights } from '../../../numerics/detection/lle-residual.js';
import { localPcaDetector } from '../../../numerics/detection/local-pca.js';
import { createNeighbourSearch } from '../../../numerics/detection/nearest.js';
import { pcaDetector } from '../../../numerics/detection/pca-residual.js';
import { expectNoLeaks } from '../engine.js';
import { distances, length, normalMatrix, orthonormal, rowsOf } from './points.js';

expectNoLeaks();

/** Frees both matrices afterwards. */
function withClouds(
  use: (references: tf.Tensor2D, points: tf.Tensor2D) => void,
  d = 20,
  scale = 1,
): void {
  const [references, points] = [normalMatrix(1, 300, d), normalMatrix(2, 37, d)];
  const scaled = [references, points].map((one) => tf.mul<tf.Tensor2D>(one, scale));
  try {
    use(scaled[0]!, scaled[1]!);
  } finally {
    tf.dispose([references, points, ...scaled]);
  }
}

const norms = {
  l2: length,
  linf: (v: readonly number[]) => Math.max(...v.map(Math.abs)),
} as const;

/** Indices of the k nearest rows, the nearest first. */
function nearestRows(rows: readonly number[][], x: readonly number[], k: number, norm = length) {
  const far = rows.map((row) => norm(row.map((value, p) => value - x[p]!)));
  return [...rows.keys()].sort((a, b) => far[a]! - far[b]!).slice(0, k);
}

describe.each(['l2', 'linf'] as const)('mean distance to neighbours, %s', (norm) => {
  const k = 7;
  type Build = (references: tf.Tensor2D) => Detector;
  const ours: Build = (references) => nearestDetector(references, { k, norm });
  const otherNorm: Build = (references) =>
    nearestDetector(references, { k, norm: norm === 'l2' ? 'linf' : 'l2' });
  const fewer: Build = (references) => nearestDetector(references, { k: k - 1, norm });

  function isMean(build: Build, references: tf.Tensor2D, points: tf.Tensor2D): boolean {
    const rows = rowsOf(references);
    const expected = rowsOf(points).map((x) => {
      const near = nearestRows(rows, x, k, norms[norm]);
      return near.reduce((sum, i) => sum + norms[norm](rows[i]!.map((v, p) => v - x[p]!)), 0) / k;
    });
    const found = distances(build, references, points);
    return found.every((one, i) => Math.abs(one - expected[i]!) < 1e-5);
  }

  it('is that of brute force; another norm or number of neighbours is not', () =>
    withClouds((references, points) => {
      expect(isMean(ours, references, points)).toBe(true);
      expect(isMean(otherNorm, references, points)).toBe(false);
      expect(isMean(fewer, references, points)).toBe(false);
    }));

  it('of a reference is 0 to itself, and positive once it is left out', () =>
    withClouds((references) => {
      const build: Build = (those) => nearestDetector(those, { k: 1, norm });
      const first = tf.slice(references, [0, 0], [1, 20]);
      const others = tf.slice(references, [1, 0], [299, 20]);
      expect(distances(build, references, first)).toEqual([0]);
      expect(distances(build, others, first)[0]).toBeGreaterThan(1);
      tf.dispose([first, others]);
    }));

  it('scales with the space', () =>
    withClouds((references, points) => {
      const before = distances(ours, references, points);
      withClouds(
        (large, moved) => {
          distances(ours, large, moved).forEach((one, i) =>
            expect(one / before[i]!).toBeCloseTo(8, 4),
          );
        },
        20,
        8,
      );
    }));

  it('refuses more neighbours than there are references', () =>
    withClouds((references, points) => {
      const search = createNeighbourSearch(references, norm);
      expect(() => search.nearest(points, 301)).toThrow('301 neighbours of 300 references');
      search.dispose();
    }));
});

type Weights = (points: tf.Tensor2D, near: tf.Tensor3D, regulariser: number) => tf.Tensor2D;
/** Without the constraint: least squares with a ridge. */
const unconstrained: Weights = (points, near, regulariser) =>
  tf.tidy(() => tf.mul(reconstructionWeights(points, near, regulariser), 0.9));

describe('reconstruction weights', () => {
  const [k, regulariser] = [12, 1e-3] as const;

  function around<T>(use: (points: tf.Tensor2D, near: tf.Tensor3D) => T): T {
    const points = normalMatrix(2, 9, 20);
    const near = tf.tidy(() => tf.reshape<tf.Rank.R3>(normalMatrix(3, 9 * k, 20), [9, k, 20]));
    try {
      return use(points, near);
    } finally {
      tf.dispose([points, near]);
    }
  }

  /** (G + ρ I) w = 1 in float64. */
  function byMatrix(x: readonly number[], near: readonly (readonly number[])[]): number[] {
    const differences = new Matrix(near.map((row) => row.map((value, p) => x[p]! - value)));
    const gram = differences.mmul(differences.transpose());
    const system = Matrix.add(gram, Matrix.eye(k).mul(regulariser * gram.trace()));
    const w = solve(system, Matrix.ones(k, 1)).to1DArray();
    const sum = w.reduce((a, b) => a + b, 0);
    return w.map((one) => one / sum);
  }

  const sumToOne = (weights: Weights): boolean =>
    around((points, near) =>
      tf.tidy(() =>
        rowsOf(weights(points, near, regulariser)).every(
          (row) => Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-6,
        ),
      ),
    );

  it('are those of the system in float64', () =>
    around((points, near) => {
      const found = tf.tidy(() => rowsOf(reconstructionWeights(points, near, regulariser)));
      const neighbours = near.arraySync();
      rowsOf(points).forEach((x, i) =>
        byMatrix(x, neighbours[i]!).forEach((w, j) => expect(found[i]![j]).toBeCloseTo(w, 5)),
      );
    }));

  it('sum to 1; without the constraint they do not', () => {
    expect(sumToOne(reconstructionWeights)).toBe(true);
    expect(sumToOne(unconstrained)).toBe(false);
  });

  it('do not change under rotation, translation and scale', () =>
    around((points, near) => {
      const turn = orthonormal(5, 20, 20);
      const moved = (one: tf.Tensor): tf.Tensor => {
        const turned = tf.matMul(tf.reshape(one, [-1, 20]), turn);
        return tf.reshape(tf.add(tf.mul(turned, 4), 3), one.shape);
      };
      const [before, after, shifted] = tf.tidy(() => [
        rowsOf(reconstructionWeights(points, near, regulariser)),
        rowsOf(
          reconstructionWeights(
            moved(points) as tf.Tensor2D,
            moved(near) as tf.Tensor3D,
            regulariser,
          ),
        ),
        // A broken variant: neighbours are moved and the point is not.
        rowsOf(reconstructionWeights(points, moved(near) as tf.Tensor3D, regulariser)),
      ]);
      const apart = (a: number[][], b: number[][]): number =>
        Math.max(...a.flatMap((row, i) => row.map((w, j) => Math.abs(w - b[i]![j]!))));
      expect(apart(before, after)).toBeLessThan(1e-4);
      expect(apart(before, shifted)).toBeGreaterThan(1e-2);
      turn.dispose();
    }));
});

describe('the LLE residual', () => {
  const build = (references: tf.Tensor2D) => lleDetector(references, { k: 8, regulariser: 1e-6 });

  it('is 0 on an affine set of fewer dimensions than neighbours, and the height above it', () => {
    const basis = orthonormal(4, 20, 3);
    const onSet = (seed: number, rows: number) =>
      tf.tidy(() =>
        tf.add<tf.Tensor2D>(
          tf.mul(tf.matMul(normalMatrix(seed, rows, 3), basis, false, true), 0.1),
          0.5,
        ),
      );
    // Within the hull of the references, so that neighbours surround the points.
    const [references, points] = [onSet(1, 2000), tf.tidy(() => onSet(2, 30))];
    const found = distances(build, references, points);
    expect(Math.max(...found)).toBeLessThan(1e-6);
    const normal = tf.tidy(() => {
      const any = normalMatrix(9, 1, 20);
      const rest = tf.sub(any, tf.matMul(tf.matMul(any, basis), basis, false, true));
      return tf.div(rest, tf.norm(rest));
    });
    const raised = tf.tidy(() => tf.add<tf.Tensor2D>(points, tf.mul(normal, 0.02)));
    distances(build, references, raised).forEach((one) => expect(one).toBeCloseTo(0.02, 4));
    tf.dispose([basis, references, points, normal, raised]);
  });

  it('of a reference is 0 once it is its own neighbour, and positive where it is left out', () =>
    withClouds((references) => {
      const first = tf.slice(references, [0, 0], [1, 20]);
      const others = tf.slice(references, [1, 0], [299, 20]);
      expect(distances(build, references, first)[0]).toBeLessThan(1e-4);
      expect(distances(build, others, first)[0]).toBeGreaterThan(0.1);
      tf.dispose([first, others]);
    }));
});

describe('the local PCA residual', () => {
  const settings = { k: 30, components: 4 } as const;
  type Build = (references: tf.Tensor2D) => Detector;
  const ours: Build = (references) => localPcaDetector(references, settings);
  const oneLess: Build = (references) =>
    localPcaDetector(references, { ...settings, components: 3 });

  /** Global PCA, which has its own code and its own eigenproblem, of the neighbours alone. */
  function isGlobalOfNeighbours(
    build: Build,
    references: tf.Tensor2D,
    points: tf.Tensor2D,
  ): boolean {
    const rows = rowsOf(references);
    const found = distances(build, references, points);
    return rowsOf(points).every((x, i) => {
      const near = tf.tensor2d(nearestRows(rows, x, settings.k).map((j) => rows[j]!));
      const point = tf.tensor2d([[...x]]);
      const [expected] = distances((those) => pcaDetector(those, { components: 4 }), near, point);
      tf.dispose([near, point]);
      return Math.abs(found[i]! - expected!) < 1e-4;
    });
  }

  it('is that of global PCA on the neighbours; with one component less it is not', () =>
    withClouds((references, points) => {
      expect(isGlobalOfNeighbours(ours, references, points)).toBe(true);
      expect(isGlobalOfNeighbours(oneLess, references, points)).toBe(false);
    }));

  it('is the same to directions that neighbours do not have', () => {
    // Neighbours on a line: three of the four components are rounding, and must not project.
    const line = tf.tidy(() =>
      tf.matMul<tf.Tensor2D>(normalMatrix(1, 60, 1), tf.tensor2d([[1, 2, 2]])),
    );
    const point = tf.tensor2d([[2, -1, 0]]);
    const [found] = distances(
      (those) => localPcaDetector(those, { k: 20, components: 2 }),
      line,
      point,
    );
    // (2, -1, 0) is orthogonal to (1, 2, 2).
    expect(found).toBeCloseTo(Math.sqrt(5), 4);
    tf.dispose([line, point]);
  });

  it('refuses as many components as neighbours', () =>
    withClouds((references) => {
      expect(() => localPcaDetector(references, { k: 5, components: 5 })).toThrow(
        '5 components of 5 neighbours',
      );
    }));
});
