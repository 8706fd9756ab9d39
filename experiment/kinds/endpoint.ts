/** Endpoints that are trained, from random weights or from those of another endpoint. */
import { modelLayers, modelTitle, type ModelSpec } from '../catalogue/models/index.js';
import { isModule } from '../catalogue/models/own-model.js';
import { endpointSeries } from '../catalogue/series/training.js';
import type { BaseConfig } from '../config/base.js';
import { inNumbers } from '../in-numbers.js';
import { endpointKind, type EndpointConfig } from '../config/endpoint.js';
import type { TrainingData } from '../specs/data.js';
import type { Shared } from '../specs/fields.js';
import type { QuantisationSpec } from '../specs/quantisation.js';
import { runName } from '../specs/run-name.js';
import type {
  AdversarialSpec,
  CertifiedTraining,
  SparsitySpec,
  TrainingRecipe,
} from '../specs/training.js';
import { checkCertified } from './checks/certified.js';
import { checkEndpoints } from './checks/endpoints.js';
import { checkPruning } from './checks/pruning.js';
import { checkQuantisation } from './checks/quantisation.js';
import { checkSparsity } from './checks/sparsity.js';
import type { Draft } from './draft.js';
import type { Kind, NoSections } from './kind.js';
import { adversarialSpec } from './parts/adversarial.js';
import { dataLabel, trainingData } from './parts/data.js';
import { endpointNeed } from './parts/network-needs.js';
import { quantisationSpec } from './parts/quantisation.js';
import { recipe, trainingEffort } from './parts/recipe.js';
import { sparsitySpec } from './parts/sparsity.js';

/** With an input `from` it begins with those weights. */
export interface EndpointSpec extends Shared {
  readonly kind: 'endpoint';
  readonly recipe: TrainingRecipe;
  readonly adversarial: AdversarialSpec | null;
  /** Absent: without interval bounds. */
  readonly certified?: CertifiedTraining;
  /** Another seed decides everything before this step. */
  readonly spawn?: { readonly seed: number; readonly step: number };
  /** Fraction of each convolution's filters, of all channels or of all weights, that are zero, and stay so. */
  readonly prune?: { readonly fraction: number; readonly granularity?: 'channel' | 'weight' };
  /** Absent: float weights. */
  readonly quantisation?: QuantisationSpec;
  /** Absent: dense. */
  readonly sparsity?: SparsitySpec;
  /** Absent: the training set. */
  readonly data?: TrainingData;
}

function draft(config: BaseConfig, name: string): Draft<EndpointSpec> | null {
  const endpoint = config.endpoints[name]!;
  if (endpointKind(endpoint) !== 'trained') return null;
  const { dataset, model } = config;
  const { seed, adversarial, certified, spawn, prune, sparsity, from } = endpoint;
  const how = adversarial ? 'adversarial' : certified ? 'certified' : 'regular';
  const start = from === undefined ? '' : ` from ${from}${prune ? ', pruned' : ''}`;
  const density = sparsity ? `, density ${sparsity.density}` : '';
  return {
    name: runName('endpoint', name),
    summary: `train ${name}${start} (${how} ${modelTitle(model)}, seed ${seed!}${density})${dataLabel(endpoint)}`,
    needs: from === undefined ? [] : [endpointNeed('from', from)],
    spec: {
      ...{ kind: 'endpoint', dataset, model, seed: seed!, recipe: recipe(endpoint) },
      adversarial: adversarial ? adversarialSpec(adversarial) : null,
      ...(certified ? { certified: inNumbers(certified) } : {}),
      ...(spawn ? { spawn } : {}),
      ...(prune ? { prune: pruneSpec(prune) } : {}),
      ...quantised(endpoint, model),
      ...(sparsity ? { sparsity: sparsitySpec(sparsity) } : {}),
      ...trainingData(config, endpoint),
    },
  };
}

function quantised(
  { quantisation }: EndpointConfig,
  model: ModelSpec,
): Pick<EndpointSpec, 'quantisation'> {
  if (quantisation === undefined || isModule(model)) return {};
  return { quantisation: quantisationSpec(quantisation, modelLayers(model)) };
}

/** By filters as before there was a choice. */
function pruneSpec({
  fraction,
  granularity,
}: NonNullable<EndpointConfig['prune']>): NonNullable<EndpointSpec['prune']> {
  return granularity === undefined || granularity === 'filter'
    ? { fraction }
    : { fraction, granularity };
}

export const endpoint: Kind<EndpointSpec, NoSections, 'engine', typeof endpointSeries> = {
  name: 'endpoint',
  version: 3,
  computedBy: 'engine',
  activity: 'trainEndpoint',
  precision: 'as-configured',
  sections: {},
  series: endpointSeries,
  prefixes: ['endpoint'],
  plan: { endpoint: draft },
  check(config) {
    checkEndpoints(config);
    checkPruning(config);
    checkSparsity(config);
    checkCertified(config);
    checkQuantisation(config);
  },
  isChangedBy: () => false,
  work: trainingEffort,
};
