/** Images and labels as read from a user's files, whatever their format. */
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';

export interface OwnFiles {
  readonly train: LabelledImages;
  /** Null: the files have no test images of their own. */
  readonly test: LabelledImages | null;
  /** Null: the files name none. */
  readonly classNames: readonly string[] | null;
  /** Files that were left out, for people. */
  readonly notes: readonly string[];
}
