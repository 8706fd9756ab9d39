/** Rows and artifacts of an ensemble: per member, and of all together. */
import { rows, type SeriesRow } from '../../../experiment/records/rows.js';
import type { EnsembleSpec } from '../../../experiment/kinds/ensemble.js';
import type {
  AttackScores,
  ImageOutcomes,
} from '../../../numerics/attacks/runner/attack-outcome.js';
import { disagreement, type Predictions } from '../../../numerics/evaluation/predict.js';
import { encodeSafetensors } from '../../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../../stores/formats/tensors.js';
import { integers } from '../../toolkit/attack-outcomes.js';
import { table } from '../../toolkit/table.js';

export interface Member {
  readonly clean: Predictions;
  /** By an attack on this member alone: its own error, and what the same images do to the ensemble. */
  readonly attacked: {
    readonly error: number;
    readonly wholeError: number;
    readonly wholeNll: number;
    readonly outcomes: ImageOutcomes;
    /** Class that the ensemble gives each image that was attacked on this member. */
    readonly wholePredicted: Float32Array;
  } | null;
}

export interface Whole {
  /** Class of each image. */
  readonly predicted: Float32Array;
  readonly nll: number;
  readonly error: number;
  /** By an attack on the common output. */
  readonly robust: Attacked | null;
  /** One member drawn at random, by an attack on the expectation over the draw. */
  readonly drawn: (Attacked & Pick<AttackScores, 'cleanNll' | 'cleanError'>) | null;
}

type Attacked = Pick<AttackScores, 'robustNll' | 'robustError'> & ImageOutcomes;

/** x is the member's t. */
export function memberRows(
  x: number,
  { clean, attacked }: Member,
): readonly SeriesRow<'ensemble'>[] {
  return rows(
    'ensemble',
    { x, n: clean.predicted.length },
    {
      member_nll: clean.nll,
      member_error: clean.error,
      member_robust_error: attacked && attacked.error,
      ensemble_transfer_error: attacked && attacked.wholeError,
      ensemble_transfer_nll: attacked && attacked.wholeNll,
    },
  );
}

export function wholeRows(
  { nll, error, robust, drawn }: Whole,
  members: readonly Member[],
): readonly SeriesRow<'ensemble'>[] {
  const predictions = members.map(({ clean }) => clean.predicted);
  return rows(
    'ensemble',
    { x: 0, n: predictions[0]!.length },
    {
      ensemble_nll: nll,
      ensemble_error: error,
      ensemble_disagreement: disagreement(predictions),
      ensemble_robust_nll: robust && robust.robustNll,
      ensemble_robust_error: robust && robust.robustError,
      drawn_member_nll: drawn && drawn.cleanNll,
      drawn_member_error: drawn && drawn.cleanError,
      drawn_member_robust_nll: drawn && drawn.robustNll,
      drawn_member_robust_error: drawn && drawn.robustError,
    },
  );
}

/**
 * Classes: `predicted` [members, images] by each member, `ensemble_prediction` [images] by all together, and
 * `ensemble_transfer_prediction` [members, images] of the images that were attacked on each member.
 */
export function encodePredictions(
  { t, images, combination }: EnsembleSpec,
  members: readonly Member[],
  whole: Whole,
): Uint8Array {
  const classes = table(
    members.map(({ clean }) => clean.predicted),
    images,
  );
  const transferred = members.flatMap(({ attacked }) =>
    attacked ? [attacked.wholePredicted] : [],
  );
  const tensors = new Map<string, StoredTensor>([
    ['predicted', classes],
    ['ensemble_prediction', integers([whole.predicted], [images])],
    ...(transferred.length > 0
      ? ([
          ['ensemble_transfer_prediction', integers(transferred, [members.length, images])],
        ] as const)
      : []),
  ]);
  return encodeSafetensors(tensors, {
    members: JSON.stringify(t),
    images: String(images),
    combination: combination ?? 'mean of the softmax outputs',
  });
}
