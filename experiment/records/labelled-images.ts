/** A data set in memory: bytes of pixels, and one label for each image. */
import type { ImageShape } from '../catalogue/datasets.js';

/** Images of one shape with their labels, as decoded from the files of a data set. */
export interface LabelledImages {
  readonly count: number;
  readonly shape: ImageShape;
  /** [count, height, width, channels], 0 … 255. */
  readonly pixels: Uint8Array;
  /** [count], 0 … classes-1. */
  readonly labels: Uint8Array;
}

/** Training and test images. */
export interface Splits {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}
