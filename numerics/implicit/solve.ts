/** The fixed point of an implicit layer as a differentiable function of its coupling and its input. */
import * as tf from '@tensorflow/tfjs';
import type { Activation } from './activation.js';
import { applyOnce, iterate, stepSizes } from './averaged-iteration.js';

/** Settings of a solve. */
export interface SolveOptions {
  readonly activation: Activation;
  /** Steps of the averaged iteration, forward and backward each; the graph holds all of them. */
  readonly iterations: number;
  /** `one-pass`: the gradient that published code computes (default: of the fixed point itself). */
  readonly adjoint?: 'one-pass';
}

/**
 * x* = Φ(x* Aᵀ + v), [batch, n], from A [n, n] and v [batch, n]. With J = Φ′ the gradient g [batch, n] in x* is
 * q = J w in v and qᵀ x* in A, where w = g + (J w) A is found by the averaged iteration of the transposed map, which
 * contracts as the forward one does. `one-pass`: w = g + ½ (J g) A, where the solver of robust-inn-mm
 * (fixed_point.py) stops after its first pass.
 */
export function solve(matrix: tf.Tensor, offset: tf.Tensor, options: SolveOptions): tf.Tensor {
  const { activation, iterations } = options;
  const differentiable = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const [a, v] = given as tf.Tensor[];
    const problem = { matrix: a!, offset: v!, activation };
    const x = iterate(problem, iterations);
    // Units at rest only approach 0 in x; one more application tells on which side of a kink they are.
    save([a!, x, activation.slope(applyOnce(problem, x))]);
    return {
      value: x,
      gradFunc: (upstream, saved) => {
        const [coupling, point, slope] = saved;
        const q = tf.mul(slope!, adjoint(coupling!, slope!, upstream, options));
        return [tf.matMul(q, point!, true, false), q];
      },
    };
  });
  return differentiable(matrix, offset);
}

/** w [batch, n]. */
function adjoint(
  matrix: tf.Tensor,
  slope: tf.Tensor,
  g: tf.Tensor,
  { iterations, adjoint: kind }: SolveOptions,
): tf.Tensor {
  const through = (w: tf.Tensor): tf.Tensor => tf.matMul(tf.mul(slope, w), matrix);
  if (kind === 'one-pass') return tf.add(g, tf.mul(through(g), publishedStep));
  const steps = stepSizes(matrix);
  let w = g;
  for (let i = 0; i < iterations; i++) {
    w = tf.add(w, tf.mul(steps, tf.sub(tf.add(g, through(w)), w)));
  }
  return w;
}

/** α of the published solver at its start. */
const publishedStep = 0.5;
