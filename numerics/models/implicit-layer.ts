/** An implicit layer within a network: its weights by name, and its output. */
import * as tf from '@tensorflow/tfjs';
import {
  defaultBound,
  defaultIterations,
  type ImplicitRecord,
} from '../../experiment/catalogue/models/layer-records.js';
import { activationFor } from '../implicit/activation.js';
import { couplingMatrix } from '../implicit/parametrisation.js';
import { solve, type SolveOptions } from '../implicit/solve.js';
import { dense } from './kernels.js';

/** Looks a weight up by its name. */
type Weight = (name: string) => tf.Tensor;

/** A [units, units] of a layer. */
export function implicitCoupling(layer: ImplicitRecord, weight: Weight): tf.Tensor {
  const { name, m = defaultBound, coordinates } = layer;
  const [coupling, scaling, damping] = ['coupling', 'scaling', 'damping'].map((what) =>
    weight(`${name}.${what}`),
  );
  // Weights that a loss does not read have no gradient, not even 0: it reads both.
  if (coordinates === 'coupling') {
    return tf.add(coupling!, tf.mul(tf.add(scaling!, damping!), 0));
  }
  return couplingMatrix({ coupling: coupling!, scaling: scaling!, damping: damping! }, m);
}

/** How a layer is solved. */
export function solveOptions(layer: ImplicitRecord): SolveOptions {
  const { activation = 'relu', iterations = defaultIterations, compat } = layer;
  return {
    ...{ activation: activationFor(activation), iterations },
    ...(compat === 'published' ? { adjoint: 'one-pass' } : {}),
  };
}

/** Features u [batch, in] to the fixed point [batch, units] of x = Φ(A x + B u + b). */
export function implicitLayer(layer: ImplicitRecord, u: tf.Tensor, weight: Weight): tf.Tensor {
  const { name } = layer;
  const offset = dense(u, weight(`${name}.weight`), weight(`${name}.bias`));
  return solve(implicitCoupling(layer, weight), offset, solveOptions(layer));
}
