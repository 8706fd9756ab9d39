/** The runs of one curve: its fit, and what is measured along it and along the straight line. */
import type { ExperimentConfig } from '../../config/experiment.js';
import type { CurveConfig } from '../../config/curve.js';
import type { Need, PlannedRun } from '../../records/runs.js';
import { adversarialSpec } from './adversarial.js';
import { dataLabel, trainingData } from './data.js';
import { injectedIn, injectionNeeds } from './injected.js';
import { keyed, type Sha256 } from '../keys.js';
import { lineOwner } from '../line-owner.js';
import { pathRuns } from './paths.js';
import { recipe } from './recipe.js';

/** The fit, then every measurement along the fitted path and along the straight line. */
export function curveRuns(
  config: ExperimentConfig,
  name: string,
  curve: CurveConfig,
  endpoints: Readonly<Record<string, PlannedRun>>,
  sha256: Sha256,
): PlannedRun[] {
  const ends: Need[] = [
    { role: 'start', run: endpoints[curve.from]!.key },
    { role: 'end', run: endpoints[curve.to]!.key },
  ];
  const { dataset, model } = config;
  const make = (part: Omit<PlannedRun, 'key' | 'curve'>): PlannedRun =>
    keyed(config, { ...part, curve: name }, sha256);
  const { seed, family, bends, ends: moving, adversarial } = curve;
  const faults = [curve.from, curve.to].flatMap((end) => injectedIn(config, end));
  const looked = injectionNeeds(faults, endpoints);
  const shape = `${adversarial ? 'robust ' : ''}${family}, ${bends} bend${bends === 1 ? '' : 's'}`;
  const fit = make({
    name: `curve/${name}`,
    queue: 'gpu',
    summary: `fit ${name} (${shape})${dataLabel(curve)}`,
    needs: ends,
    spec: {
      ...{ kind: 'curve', dataset, model, seed, family, bends, recipe: recipe(curve) },
      ...(adversarial ? { adversarial: adversarialSpec(adversarial) } : {}),
      ...(moving === 'free' ? { ends: moving } : {}),
      ...trainingData(config, curve),
    },
  });
  const fitted: Need[] = [...ends, { role: 'curve', run: fit.key }];
  const runs = [fit, ...pathRuns(config, name, curve, 'curve', fitted, make, looked)];
  return config.evaluation.straightLine && lineOwner(config, name) === name
    ? [...runs, ...pathRuns(config, name, curve, 'line', ends, make, looked)]
    : runs;
}
