/** Detection by distance to a data manifold: AUROC against epsilon and along t, and a table of the ends. */
import { detectionFigures } from '../figures/detection-figures.js';
import { detectionTable } from '../tables/detection-table.js';
import type { Presentation } from './presentation.js';

export const detectionPresentation: Presentation<'detection'> = {
  shown: ['auroc', 'auroc_low', 'auroc_high', 'auroc_noise', 'tpr_5', 'attacked_error'],
  figures: detectionFigures,
  curveTables: (curve) => curve.fitted.detections.map((one) => detectionTable(curve, one)),
};
