/** The evaluation of endpoints alone: a path of one point. */
import type { ExperimentConfig } from '../../config/experiment.js';
import { hasLayer } from '../../catalogue/models/index.js';
import type { Need, PlannedRun } from '../../records/runs.js';
import { measuredBackdoors, testCut } from './data.js';
import { injectedForAlone, injectionNeeds } from './injected.js';
import { keyed, type Sha256 } from '../keys.js';

/** The endpoints that `evaluation.endpoints` means; a name stands for all that a sweep made of it. */
export function measuredAlone({ evaluation, endpoints }: ExperimentConfig): readonly string[] {
  const asked = new Set(evaluation.endpoints ?? []);
  return Object.keys(endpoints)
    .filter((name) => namesOf(name).some((one) => asked.has(one)))
    .sort();
}

/** By which an endpoint may be asked for: its own, and what stands before the axes of a sweep. */
export function namesOf(name: string): readonly string[] {
  const ends = [...name.matchAll(/@/g)].map(({ index }) => name.slice(0, index));
  return [...ends, name];
}

/** After all endpoints, since it may look for the faults of any of them. */
export function aloneRun(
  config: ExperimentConfig,
  name: string,
  endpoints: Readonly<Record<string, PlannedRun>>,
  sha256: Sha256,
): PlannedRun {
  const { dataset, model } = config;
  const needs: Need[] = [
    { role: 'start', run: endpoints[name]!.key },
    ...injectionNeeds(injectedForAlone(config, name), endpoints),
  ];
  const cut = testCut(config);
  // An endpoint has statistics of its own, those that it was trained with.
  const batchNorm = config.batchNorm === 'train' ? 'train' : 'none';
  return keyed(
    config,
    {
      name: `evaluation/${name}/alone`,
      queue: 'gpu',
      curve: null,
      summary: `evaluate ${name} alone`,
      needs,
      spec: {
        ...{ kind: 'evaluation', dataset, model, seed: 0, path: 'point', family: 'polychain' },
        ...{ t: [0], weightDecay: config.endpoints[name]!.weightDecay },
        ...(hasLayer(model, 'batch-norm') ? { batchNorm } : {}),
        ...(cut === null ? {} : { cut }),
        ...measuredBackdoors(config),
      },
    },
    sha256,
  );
}
