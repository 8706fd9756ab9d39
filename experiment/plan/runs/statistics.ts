/** Where the statistics of batch norm along a path come from, as a part of a specification. */
import type { BatchNormSource, ExperimentConfig } from '../../config/experiment.js';
import type { CurveConfig } from '../../config/curve.js';
import type { BonafideSet } from '../../records/data.js';
import { models } from '../../catalogue/models.js';
import { bonafideSet } from './data.js';

export interface StatisticsPart {
  readonly batchNorm?: BatchNormSource;
  readonly statisticsFrom?: BonafideSet;
}

/** Nothing for models without batch norm; the owner of bonafide images alone is trusted, if there are any. */
export function statisticsOf(config: ExperimentConfig, curve: CurveConfig): StatisticsPart {
  if (!models[config.model].batchNorm) return {};
  const set = bonafideSet(config, curve);
  const batchNorm = config.batchNorm ?? (set ? 'bonafide' : 'train');
  return batchNorm === 'bonafide' && set ? { batchNorm, statisticsFrom: set } : { batchNorm };
}
