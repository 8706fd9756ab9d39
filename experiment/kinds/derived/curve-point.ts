/** Endpoints taken from a fitted curve, at one t. */
import { curvePointSeries } from '../../catalogue/series/training.js';
import type { BaseConfig } from '../../config/base.js';
import type { Shared } from '../../specs/fields.js';
import type { PathSpec } from '../../specs/path.js';
import { runName } from '../../specs/run-name.js';
import type { Draft } from '../draft.js';
import type { Kind, NoSections } from '../kind.js';
import { cutFields } from '../parts/data.js';
import { implicitFields } from '../parts/implicit.js';
import { curveNeed, endpointNeed } from '../parts/network-needs.js';
import { statisticsFields } from '../parts/statistics.js';

/** The network at the one t of its path. */
export interface CurvePointSpec extends Shared, PathSpec {
  readonly kind: 'curve-point';
}

function draft(config: BaseConfig, name: string): Draft<CurvePointSpec> | null {
  const { onCurve } = config.endpoints[name]!;
  if (onCurve === undefined) return null;
  const { dataset, model } = config;
  const { curve, t } = onCurve;
  const { from, to, family, ends } = config.curves[curve]!;
  return {
    name: runName('endpoint', name),
    summary: `take ${name} from ${curve} at t = ${t}`,
    needs: [endpointNeed('start', from), endpointNeed('end', to), curveNeed(curve)],
    spec: {
      ...{ kind: 'curve-point', dataset, model, seed: 0, path: 'curve', family, t: [t] },
      ...statisticsFields(config, config.curves[curve]!),
      ...(ends === 'free' ? { ends } : {}),
      ...implicitFields(config.curves[curve]!),
      ...cutFields(config),
    },
  };
}

export const curvePoint: Kind<CurvePointSpec, NoSections, 'engine', typeof curvePointSeries> = {
  name: 'curve-point',
  version: 2,
  computedBy: 'engine',
  activity: 'takeCurvePoint',
  precision: 'float32',
  sections: {},
  series: curvePointSeries,
  prefixes: ['endpoint'],
  plan: { endpoint: draft },
  check: null,
  isChangedBy: () => false,
  work: () => ({ variant: [], amount: 1 }),
};
