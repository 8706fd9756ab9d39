/** The box of an implicit layer: that of its embedded network, widened by how far that is from solved. */
import * as tf from '@tensorflow/tfjs';
import {
  defaultIterations,
  type ImplicitRecord,
} from '../../experiment/catalogue/models/layer-records.js';
import { activationFor } from '../implicit/activation.js';
import { iterate, residuals, type FixedPoint } from '../implicit/averaged-iteration.js';
import { embeddedMatrix, embeddedProduct } from '../implicit/embedded.js';
import { matrixMeasure } from '../implicit/parametrisation.js';
import { solve } from '../implicit/solve.js';
import type { Interval } from './interval.js';

/** A box of what enters the units, B u + b [batch, n], and the layer that it enters. */
export interface ImplicitBox {
  readonly layer: Pick<ImplicitRecord, 'activation' | 'iterations'>;
  /** A [n, n]. */
  readonly matrix: tf.Tensor;
  /** Weights d [n] of the norm in which A has a measure below 1. */
  readonly d: tf.Tensor;
  readonly entering: Interval;
}

/**
 * Bounds [batch, n] of the fixed points: those of the embedded network (Jafarpour et al. 2022, theorem 1), each moved
 * outwards by r / ((1 - μ⁺) d_i), r the residual of the bounds themselves: so they are sound after any number of steps.
 */
export function implicitBox(given: ImplicitBox): Interval {
  const { layer, matrix } = given;
  const embedded = { ...embeddedProblem(given), product: embeddedProduct(matrix) };
  const bounds = iterate(embedded, layer.iterations ?? defaultIterations);
  const slack = distanceBound(embedded, bounds, given);
  const [lower, upper] = tf.split(bounds, 2, 1);
  return { lower: tf.sub(lower!, slack), upper: tf.add(upper!, slack) };
}

/**
 * The same without the residual, and differentiable: not a certificate while the iteration has not converged, but what
 * training moves.
 */
export function solvedBox(given: ImplicitBox): Interval {
  const { matrix, offset, activation } = embeddedProblem(given);
  const { iterations = defaultIterations } = given.layer;
  const [lower, upper] = tf.split(solve(matrix, offset, { activation, iterations }), 2, 1);
  return { lower: lower!, upper: upper! };
}

/** ‖x - x*‖ ≤ ‖x - N(x)‖ / (1 - μ⁺), as a bound of each entry [batch, n]. */
export function distanceBound(
  problem: FixedPoint,
  x: tf.Tensor,
  { matrix, d }: Pick<ImplicitBox, 'matrix' | 'd'>,
): tf.Tensor {
  const copies = problem.offset.shape[1]! / d.size;
  const residual = residuals(problem, x, tf.tile(d, [copies]));
  const gap = tf.sub(1, tf.maximum(matrixMeasure(matrix, d), 0));
  return tf.div(tf.reshape(tf.div(residual, gap), [-1, 1]), d);
}

function embeddedProblem({ layer, matrix, entering }: ImplicitBox): FixedPoint {
  return {
    matrix: embeddedMatrix(matrix),
    offset: tf.concat([entering.lower, entering.upper], 1),
    activation: activationFor(layer.activation ?? 'relu'),
  };
}
