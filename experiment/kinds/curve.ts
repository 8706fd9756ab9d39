/** Curves: low-loss paths between two endpoints, fitted by training their bends. */
import { curveSeries } from '../catalogue/series/training.js';
import type { ImplicitMixing } from '../catalogue/models/implicit-sites.js';
import type { BaseConfig } from '../config/base.js';
import type { CurveFamily } from '../config/curve.js';
import { inNumbers } from '../in-numbers.js';
import type { TrainingData } from '../specs/data.js';
import type { Shared } from '../specs/fields.js';
import { runName } from '../specs/run-name.js';
import type { AdversarialSpec, CertifiedTraining, TrainingRecipe } from '../specs/training.js';
import type { Draft } from './draft.js';
import type { Kind, NoSections } from './kind.js';
import { checkImplicit } from './checks/implicit.js';
import { adversarialSpec } from './parts/adversarial.js';
import { dataLabel, trainingData } from './parts/data.js';
import { implicitFields } from './parts/implicit.js';
import { endNeeds } from './parts/network-needs.js';
import { recipe, trainingEffort } from './parts/recipe.js';

export interface CurveSpec extends Shared {
  readonly kind: 'curve';
  readonly family: CurveFamily;
  readonly bends: number;
  /** The first and the last control point move too; absent: they are the endpoints. */
  readonly ends?: 'free';
  /** How the weights of implicit layers mix; absent: as they are. */
  readonly implicit?: ImplicitMixing;
  readonly recipe: TrainingRecipe;
  /** Attack on the network at the t of each step; absent: the images as they are. */
  readonly adversarial?: AdversarialSpec;
  /** Absent: without interval bounds. */
  readonly certified?: CertifiedTraining;
  /** Absent: the training set. */
  readonly data?: TrainingData;
}

function draft(config: BaseConfig, name: string): Draft<CurveSpec> {
  const { dataset, model } = config;
  const curve = config.curves[name]!;
  const { seed, family, bends, ends, adversarial, certified } = curve;
  const how = adversarial ? 'robust ' : certified ? 'certified ' : '';
  const shape = `${how}${family}, ${bends} bend${bends === 1 ? '' : 's'}`;
  return {
    name: runName('curve', name),
    summary: `fit ${name} (${shape})${dataLabel(curve)}`,
    needs: endNeeds(curve),
    spec: {
      ...{ kind: 'curve', dataset, model, seed, family, bends, recipe: recipe(curve) },
      ...(adversarial ? { adversarial: adversarialSpec(adversarial) } : {}),
      ...(certified ? { certified: inNumbers(certified) } : {}),
      ...(ends === 'free' ? { ends } : {}),
      ...implicitFields(curve),
      ...trainingData(config, curve),
    },
  };
}

export const curve: Kind<CurveSpec, NoSections, 'engine', typeof curveSeries> = {
  name: 'curve',
  version: 3,
  computedBy: 'engine',
  activity: 'fitCurve',
  precision: 'as-configured',
  sections: {},
  series: curveSeries,
  prefixes: ['curve'],
  plan: { curve: draft },
  check: checkImplicit,
  isChangedBy: () => false,
  work: trainingEffort,
};
