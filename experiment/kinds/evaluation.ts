/** Evaluations: loss and error along a path, of a straight line, and of endpoints alone. */
import { evaluationSeries } from '../catalogue/series/evaluation.js';
import { hasLayer } from '../catalogue/models/index.js';
import type { BaseConfig } from '../config/base.js';
import { unknownName } from '../reading/unknown-name.js';
import type { BonafideSet, MeasuredBackdoor } from '../specs/data.js';
import type { Shared } from '../specs/fields.js';
import type { PathSpec } from '../specs/path.js';
import { acceptedNames, runName } from '../specs/run-name.js';
import type { Draft, PathScope } from './draft.js';
import type { Kind, NoSections } from './kind.js';
import { cutFields, measuredBackdoors } from './parts/data.js';
import { grid } from './parts/grid.js';
import { imagesText } from './parts/images-text.js';
import { injectedForAlone, injectionNeeds } from './parts/injected.js';
import { estimationFields } from './parts/statistics.js';

export interface EvaluationSpec extends Shared, PathSpec {
  readonly kind: 'evaluation';
  readonly weightDecay: number;
  /** Bonafide images of which the held-out ones choose t; absent: t is not chosen. */
  readonly validation?: BonafideSet;
  readonly backdoors?: readonly MeasuredBackdoor[];
}

function along(config: BaseConfig, scope: PathScope): Draft<EvaluationSpec>[] {
  const { points } = config.evaluation;
  return [
    {
      name: scope.runName('evaluation'),
      summary: `evaluate ${scope.title} at ${points} points`,
      needs: [...scope.needs, ...scope.injections],
      spec: {
        ...{ kind: 'evaluation', seed: 0, weightDecay: scope.curve.weightDecay },
        ...scope.along(grid(points)),
        ...(scope.validation ? { validation: scope.validation } : {}),
        ...measuredBackdoors(config),
      },
      summarisedAs: 'evaluation',
    },
  ];
}

/** A path of one point, which may look for the injected faults of any endpoint. */
function alone(config: BaseConfig, name: string): Draft<EvaluationSpec> {
  const { dataset, model } = config;
  // An endpoint has the statistics that it was trained with.
  const estimated = config.batchNorm === 'train';
  const { weightDecay, augmentation } = config.endpoints[name]!;
  const statistics = estimated
    ? { batchNorm: 'train' as const, ...estimationFields(config, augmentation) }
    : { batchNorm: 'none' as const };
  return {
    name: runName('evaluation', name, 'alone'),
    summary: `evaluate ${name} alone`,
    needs: [
      { role: 'start', name: runName('endpoint', name) },
      ...injectionNeeds(injectedForAlone(config, name)),
    ],
    spec: {
      ...{ kind: 'evaluation', dataset, model, seed: 0, path: 'point', family: 'polychain' },
      ...{ t: [0], weightDecay },
      ...(hasLayer(model, 'batch-norm') ? statistics : {}),
      ...cutFields(config),
      ...measuredBackdoors(config),
    },
  };
}

function checkEndpointNames({
  evaluation: { endpoints: asked = [] },
  endpoints,
}: BaseConfig): void {
  const known = new Set(Object.keys(endpoints).flatMap(acceptedNames));
  for (const [i, name] of asked.entries()) {
    if (known.has(name)) continue;
    throw unknownName(`evaluation.endpoints.${i}`, 'endpoint', name, endpoints);
  }
}

export const evaluation: Kind<EvaluationSpec, NoSections, 'engine', typeof evaluationSeries> = {
  name: 'evaluation',
  version: 3,
  computedBy: 'engine',
  activity: 'evaluatePath',
  precision: 'float32',
  sections: {},
  series: evaluationSeries,
  prefixes: ['evaluation'],
  plan: { fitted: along, line: along, alone },
  check: checkEndpointNames,
  isChangedBy: ({ section }) => section === 'evaluation',
  work: ({ t, statisticsFrom, statisticsImages, cut, validation, backdoors }) => ({
    variant: [imagesText([statisticsFrom, statisticsImages, cut, validation, backdoors])],
    amount: t.length,
  }),
};
