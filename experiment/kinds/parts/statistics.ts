/** Source of the batch-norm statistics along a path, as a part of a specification. */
import { models } from '../../catalogue/models.js';
import type { BaseConfig, BatchNormSource } from '../../config/base.js';
import type { CurveConfig } from '../../config/curve.js';
import type { BonafideSet } from '../../specs/data.js';
import { bonafideSet } from './data.js';

export interface StatisticsFields {
  readonly batchNorm?: BatchNormSource;
  readonly statisticsFrom?: BonafideSet;
}

/** Nothing for models without batch norm; the owner of bonafide images alone is trusted, if there are any. */
export function statisticsFields(config: BaseConfig, curve: CurveConfig): StatisticsFields {
  if (!models[config.model].batchNorm) return {};
  const set = bonafideSet(config, curve);
  const batchNorm = config.batchNorm ?? (set ? 'bonafide' : 'train');
  return batchNorm === 'bonafide' && set ? { batchNorm, statisticsFrom: set } : { batchNorm };
}
