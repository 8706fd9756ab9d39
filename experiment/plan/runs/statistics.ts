/** Where the statistics of batch norm along a path come from, as a part of a specification. */
import type { BatchNormSource, ExperimentConfig } from '../../config/experiment.js';
import type { CurveConfig } from '../../config/curve.js';
import type { BonafideSet } from '../../records/data.js';
import { hasLayer } from '../../catalogue/models/index.js';
import { bonafideSet } from './data.js';

export interface StatisticsPart {
  readonly batchNorm?: BatchNormSource;
  readonly statisticsFrom?: BonafideSet;
}

/** Nothing for models without batch norm; the owner of bonafide images alone is trusted, if there are any. */
export function statisticsOf(config: ExperimentConfig, curve: CurveConfig): StatisticsPart {
  if (!hasLayer(config.model, 'batch-norm')) return {};
  const set = bonafideSet(config, curve);
  const batchNorm = config.batchNorm ?? (set ? 'bonafide' : 'train');
  return batchNorm === 'bonafide' && set ? { batchNorm, statisticsFrom: set } : { batchNorm };
}
