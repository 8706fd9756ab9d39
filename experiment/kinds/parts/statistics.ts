/** How the batch-norm statistics along a path are estimated, as a part of a specification. */
import { hasLayer } from '../../catalogue/models/index.js';
import type { BaseConfig } from '../../config/base.js';
import type { CurveConfig } from '../../config/curve.js';
import type { PathSpec } from '../../specs/path.js';
import type { Augmentation } from '../../specs/training.js';
import { bonafideSet } from './data.js';

export type StatisticsFields = Pick<
  PathSpec,
  'batchNorm' | 'statisticsFrom' | 'statisticsImages' | 'statisticsAugmentation'
>;

/** Nothing for models without batch norm; the owner of bonafide images alone is trusted, if there are any. */
export function statisticsFields(config: BaseConfig, curve: CurveConfig): StatisticsFields {
  if (!hasLayer(config.model, 'batch-norm')) return {};
  const set = bonafideSet(config, curve);
  const batchNorm = config.batchNorm ?? (set ? 'bonafide' : 'train');
  if (batchNorm === 'none') return { batchNorm };
  return {
    batchNorm,
    ...(batchNorm === 'bonafide' && set ? { statisticsFrom: set } : {}),
    ...estimationFields(config, curve.augmentation),
  };
}

/** The images of the pass that estimates statistics: how many, and augmented as in training. */
export function estimationFields(
  { batchNormImages }: BaseConfig,
  augmentation: Augmentation | undefined,
): StatisticsFields {
  return {
    ...(batchNormImages === undefined ? {} : { statisticsImages: batchNormImages }),
    ...(augmentation === undefined ? {} : { statisticsAugmentation: augmentation }),
  };
}
