/** The detector that a specification names, fitted to references. */
import type * as tf from '@tensorflow/tfjs';
import type { DetectorSpec } from '../../experiment/config/detection/detector.js';
import type { Detector } from './detector.js';
import { nearestDetector } from './k-nearest.js';
import { densityDetector } from './kernel-density.js';
import { lleDetector } from './lle-residual.js';
import { localPcaDetector } from './local-pca.js';
import { pcaDetector } from './pca-residual.js';

/** The detector of references [m, d]; it holds tensors until it is disposed of. */
export function buildDetector(spec: DetectorSpec, references: tf.Tensor2D): Detector {
  switch (spec.estimator) {
    case 'nearest':
      return nearestDetector(references, spec);
    case 'lle':
      return lleDetector(references, spec);
    case 'pca':
      return pcaDetector(references, spec);
    case 'local-pca':
      return localPcaDetector(references, spec);
    case 'kernel-density':
      return densityDetector(references, spec);
    default:
      throw new Error(`unknown estimator ${JSON.stringify(spec satisfies never)}`);
  }
}
