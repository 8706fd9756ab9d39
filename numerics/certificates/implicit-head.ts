/** Networks of one implicit and one dense layer: how far from solved they are, and their Lipschitz certificate. */
import * as tf from '@tensorflow/tfjs';
import type { ImplicitHead } from '../../experiment/catalogue/models/certifiable.js';
import { defaultIterations } from '../../experiment/catalogue/models/layer-records.js';
import { iterate, residuals, type FixedPoint } from '../implicit/averaged-iteration.js';
import { matrixMeasure } from '../implicit/parametrisation.js';
import { implicitCoupling, solveOptions } from '../models/implicit-layer.js';
import { dense } from '../models/kernels.js';
import { distanceBound } from './implicit-box.js';
import { intervalForward, type IntervalPass } from './layer-rules.js';
import { lipschitzConstant } from './lipschitz.js';
import { relativeMargins, smallestMargin } from './margins.js';

type Weight = IntervalPass['weight'];

/** The fixed point of a batch, not yet solved, and the norm in which it is sought. */
function problemOf({ before, implicit }: ImplicitHead, weight: Weight, images: tf.Tensor) {
  const { lower: u } = intervalForward(before, { lower: images, upper: images }, { weight });
  const { name } = implicit;
  const problem: FixedPoint = {
    matrix: implicitCoupling(implicit, weight),
    offset: dense(u, weight(`${name}.weight`), weight(`${name}.bias`)),
    activation: solveOptions(implicit).activation,
  };
  return { problem, d: tf.exp(weight(`${name}.scaling`)) };
}

/** Images [batch, h, w, c] in [0,1], one-hot labels [batch, classes], and the radius ε [] in ℓ∞. */
export interface CertifiedBatch {
  readonly images: tf.Tensor;
  readonly labels: tf.Tensor;
  readonly epsilon: tf.Tensor;
}

/** The smallest margin of each image, less the error of its fixed point and less 2 · Lip · ε, [batch]. */
export function lipschitzMargin(
  head: ImplicitHead,
  weight: Weight,
  { images, labels, epsilon }: CertifiedBatch,
): tf.Tensor {
  const { implicit, last } = head;
  const { problem, d } = problemOf(head, weight, images);
  const { matrix } = problem;
  const x = iterate(problem, implicit.iterations ?? defaultIterations);
  const slack = distanceBound(problem, x, { matrix, d });
  const features = { lower: tf.sub(x, slack), upper: tf.add(x, slack) };
  const [input, output] = [weight(`${implicit.name}.weight`), weight(`${last.name}.weight`)];
  const margins = relativeMargins(features, output, weight(`${last.name}.bias`), labels);
  const constant = lipschitzConstant({ input, matrix, d, output, perPixel: perPixel(head) });
  return tf.sub(smallestMargin(margins, labels), tf.mul(tf.mul(constant, 2), epsilon));
}

/** 1 over the smallest deviation that pixels are divided by. */
function perPixel({ before }: ImplicitHead): number {
  const factors = before.map((layer) =>
    layer.kind === 'normalise' ? 1 / Math.min(...layer.deviation) : 1,
  );
  return factors.reduce((product, factor) => product * factor, 1);
}

/** Residual over ‖x‖ below which a fixed point counts as found. */
const tolerance = 1e-4;

/**
 * For each image, [batch]: the steps after which ‖x - N(x)‖ ≤ 1e-4 ‖x‖ in the weighted norm (the number of all steps
 * where that is never so), and the ratio of the two after the last step. The third output is μ of the coupling, repeated.
 */
export function solverTrace(head: ImplicitHead, weight: Weight, images: tf.Tensor): tf.Tensor[] {
  const { problem, d } = problemOf(head, weight, images);
  let taken: tf.Tensor = tf.zeros([images.shape[0]]);
  let ratio: tf.Tensor = tf.ones([images.shape[0]]);
  let running: tf.Tensor = tf.ones([images.shape[0]]);
  iterate(problem, head.implicit.iterations ?? defaultIterations, (x) => {
    taken = tf.add(taken, running);
    const size = tf.max(tf.mul(d, tf.abs(x)), 1);
    ratio = tf.div(residuals(problem, x, d), tf.maximum(size, 1e-12));
    running = tf.mul(running, tf.cast(tf.greater(ratio, tolerance), 'float32'));
  });
  const measure = tf.mul(tf.onesLike(taken), matrixMeasure(problem.matrix, d));
  return [taken, ratio, measure];
}
