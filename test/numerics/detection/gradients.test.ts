/** Gradients of every distance against central differences of the distance itself. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { DetectorSpec } from '../../../experiment/config/detection/detector.js';
import { buildDetector } from '../../../numerics/detection/build-detector.js';
import { expectNoLeaks } from '../engine.js';
import { normalMatrix, rowsOf } from './points.js';

expectNoLeaks();

const d = 12;
const detectors: readonly (DetectorSpec & { readonly within?: number })[] = [
  { estimator: 'nearest', k: 5, norm: 'l2' },
  { estimator: 'nearest', k: 5, norm: 'linf' },
  // The weights are held fixed: with a ridge that is no more than nearly the whole derivative.
  { estimator: 'lle', k: 5, regulariser: 1e-6, within: 0.02 },
  { estimator: 'pca', components: 3 },
  { estimator: 'local-pca', k: 8, components: 3 },
  { estimator: 'kernel-density', bandwidth: 1.5 },
];

/** (d(x + h e_p) - d(x - h e_p)) / 2h for every p. */
function differences(distance: (points: tf.Tensor2D) => tf.Tensor1D, x: tf.Tensor2D, h: number) {
  return tf.tidy(() => {
    const steps = tf.mul<tf.Tensor2D>(tf.eye(d), h);
    const ahead = distance(tf.add(x, steps));
    return tf.div(tf.sub(ahead, distance(tf.sub(x, steps))), 2 * h).dataSync();
  });
}

describe.each(detectors)('$estimator $norm', ({ within = 0.003, ...spec }) => {
  it('has the gradient of its distance, and not that of another place', () => {
    const [references, points] = [normalMatrix(1, 60, d), normalMatrix(2, 6, d)];
    const detector = buildDetector(spec, references);
    const gradients = tf.tidy(() => rowsOf(detector.gradients(points)));
    const errors = gradients.map((gradient, i) => {
      const x = tf.slice(points, [i, 0], [1, d]);
      const found = differences((at) => detector.distances(at), x, 5e-4);
      x.dispose();
      const apart = (other: readonly number[]) =>
        Math.max(...other.map((g, p) => Math.abs(g - found[p]!)));
      return [apart(gradient), apart(gradients[(i + 1) % gradients.length]!)] as const;
    });
    // Another neighbour, or another largest entry, within the step is a kink: half of the points are without.
    const sorted = errors.map(([own]) => own).sort((a, b) => a - b);
    expect(sorted[2]).toBeLessThan(within);
    expect(Math.min(...errors.map(([, other]) => other))).toBeGreaterThan(0.05);
    detector.dispose();
    tf.dispose([references, points]);
  });
});
