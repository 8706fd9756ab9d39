/** Where on which path a run measures, as specifications of runs hold it. */
import type { CurveFamily } from '../config/curve.js';
import type { BatchNormSource } from '../config/base.js';
import type { DatasetSpec } from '../catalogue/own-dataset.js';
import type { ImplicitMixing } from '../catalogue/models/implicit-sites.js';
import type { ModelSpec } from '../catalogue/models/index.js';
import type { BonafideSet, TestCut } from './data.js';
import type { Numerics, PathKind } from './fields.js';
import type { Augmentation } from './training.js';

/** `family` and the inputs' roles give the weights at each t. */
export interface PathSpec {
  readonly path: PathKind;
  readonly family: CurveFamily;
  readonly t: readonly number[];
  /** Source of the batch-norm statistics; absent for models without. */
  readonly batchNorm?: BatchNormSource;
  /** The bonafide images of `batchNorm: bonafide`. */
  readonly statisticsFrom?: BonafideSet;
  /** Number of images, the first ones, that statistics are estimated on; absent: all. */
  readonly statisticsImages?: number;
  /** As the path was fitted; absent: statistics of the images as they are. */
  readonly statisticsAugmentation?: Augmentation;
  /** The first and last control point are the curve's own; absent: the endpoints. */
  readonly ends?: 'free';
  /** How the weights of implicit layers mix; absent: as they are. */
  readonly implicit?: ImplicitMixing;
  /** Test images are those of the evaluation half; absent: all of them. */
  readonly cut?: TestCut;
}

/** Fields that every measurement along a path takes from the experiment and the path. */
export interface PathFields extends PathSpec {
  readonly dataset: DatasetSpec;
  readonly model: ModelSpec;
}

/** A measurement of a network and some images at each t of a path. */
export interface MeasurementSpec extends Numerics, PathFields {
  readonly images: number;
  /** Absent: the test images. */
  readonly split?: 'train' | 'test';
}
