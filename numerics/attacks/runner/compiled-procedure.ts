/** A procedure compiled for a set of images, whichever way its steps are carried out. */
import type { Pause } from '../../evaluation/batched.js';
import type { ParameterTensors } from '../../models/parameters.js';
import type { Outcome, Outcomes } from './outcomes.js';
import type { Row } from './rows.js';

/** Rows of one pass or of several. */
export interface PassInputs {
  /** Pass by pass. */
  readonly rows: readonly Row[];
  /** The worst outcomes so far of all images, which visits change. */
  readonly worst: Outcomes;
}

/** Result of a pass for one image. */
export interface Found {
  readonly row: Row;
  readonly outcome: Outcome;
  /** Cross-entropy and class of the clean image; null: the procedure's graphs do not report them. */
  readonly clean: { readonly nll: number; readonly predicted: number } | null;
  /** The adversarial example as image `place` of a batch [batch · size]; null: not asked for. */
  readonly pixels: { readonly batch: Float32Array; readonly place: number } | null;
  /** Whether it is classified as its target class, where that is not its own; null: no target. */
  readonly hit: boolean | null;
  /** Whether its loss fell from half of the steps to the last; null: the procedure has no such loss. */
  readonly fell: boolean | null;
}

/** Means over all images as a pass's graphs add them up, batch by batch: nats and per cent. */
export interface PassScores {
  readonly cleanNll: number;
  readonly cleanError: number;
  readonly robustNll: number;
  readonly robustError: number;
}

/** A procedure that can be run on the images for which it was compiled. */
export interface CompiledProcedure {
  /** Most native calls of one pass; `pause` follows each. */
  readonly calls: number;
  /**
   * Reports every row, but of an image that leaves when it is misclassified none of a later pass. The scores are null
   * where the graphs do not add them up.
   */
  run(
    weights: ParameterTensors,
    inputs: PassInputs,
    visit: (found: Found) => void,
    pause: Pause,
  ): Promise<PassScores | null>;
  dispose(): void;
}

/** How images are attacked together. */
export interface Batching {
  readonly batchSize: number;
  /** Whether the adversarial examples are kept, beside their outcomes. */
  readonly keepImages: boolean;
}
