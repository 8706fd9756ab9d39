/** A set of images that an evaluation measures beside the training and the test set. */
import type { SeriesRow } from '../../../experiment/records/rows.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import type { Evaluation } from '../../../numerics/evaluation/evaluate.js';

/** Images, and what their evaluation is reported as. */
export interface FurtherSet {
  readonly images: LabelledImages;
  readonly rows: (t: number, evaluation: Evaluation) => readonly SeriesRow<'evaluation'>[];
}
