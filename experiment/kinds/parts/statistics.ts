/** Source of the batch-norm statistics along a path, as a part of a specification. */
import { hasLayer } from '../../catalogue/models/index.js';
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
  if (!hasLayer(config.model, 'batch-norm')) return {};
  const set = bonafideSet(config, curve);
  const batchNorm = config.batchNorm ?? (set ? 'bonafide' : 'train');
  return batchNorm === 'bonafide' && set ? { batchNorm, statisticsFrom: set } : { batchNorm };
}
