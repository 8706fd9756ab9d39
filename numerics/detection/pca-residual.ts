/** Distance to the affine subspace of the leading principal components. */
import * as tf from '@tensorflow/tfjs';
import { residualDetector, type Detector } from './detector.js';
import { principalComponents, type ComponentChoice } from './principal-components.js';

/** ‖(I - P)(x - mean)‖, P the projection on the leading components of the references [m, d]. */
export function pcaDetector(references: tf.Tensor2D, choice: ComponentChoice): Detector {
  const { mean, basis } = principalComponents(references, choice);
  return residualDetector(
    (points) => {
      const centred = tf.sub<tf.Tensor2D>(points, mean);
      const coordinates = tf.matMul(centred, basis);
      return tf.sub(centred, tf.matMul(coordinates, basis, false, true));
    },
    () => tf.dispose([mean, basis]),
  );
}
