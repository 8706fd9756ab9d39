/** Principal components of references, and how many of them a detector keeps. */
import * as tf from '@tensorflow/tfjs';
import { symmetricEigensystem } from './linear-algebra.js';

/** A number of components, or the share of the variance that they explain, in (0, 1]. */
export type ComponentChoice = { readonly components: number } | { readonly variance: number };

/** The affine subspace of the leading components. */
export interface PrincipalComponents {
  /** Mean of the references, [1, d]. */
  readonly mean: tf.Tensor2D;
  /** Orthonormal columns, [d, r], the leading component first. */
  readonly basis: tf.Tensor2D;
  /** All eigenvalues of the covariance (divided by the number of references), descending, [d]. */
  readonly eigenvalues: Float32Array;
}

/** The leading components of references [m, d]; the caller disposes of mean and basis. Throws where there are fewer components than asked for. */
export function principalComponents(
  references: tf.Tensor2D,
  choice: ComponentChoice,
): PrincipalComponents {
  const [count, d] = references.shape;
  const [mean, ascending, values] = tf.tidy(() => {
    const centre = tf.mean<tf.Tensor2D>(references, 0, true);
    const centred = tf.sub(references, centre);
    const { values: found, vectors } = symmetricEigensystem(
      tf.div(tf.matMul(centred, centred, true), count),
    );
    return [centre, vectors as tf.Tensor2D, found];
  });
  const eigenvalues = values.dataSync<'float32'>().slice().reverse();
  const kept = componentCount(eigenvalues, choice);
  const basis = tf.tidy(() => tf.reverse(tf.slice(ascending, [0, d - kept], [d, kept]), 1));
  tf.dispose([ascending, values]);
  return { mean, basis, eigenvalues };
}

/** How many of the components with these eigenvalues, descending, are kept; throws where there are not so many. */
export function componentCount(eigenvalues: Float32Array, choice: ComponentChoice): number {
  if ('components' in choice) {
    if (choice.components <= eigenvalues.length) return choice.components;
    throw new Error(`${choice.components} components of ${eigenvalues.length} dimensions`);
  }
  const total = eigenvalues.reduce((sum, value) => sum + Math.max(value, 0), 0);
  let explained = 0;
  for (const [i, value] of eigenvalues.entries()) {
    explained += Math.max(value, 0);
    if (explained >= choice.variance * total) return i + 1;
  }
  return eigenvalues.length;
}
