/** The runs that make the networks at the ends of curves. */
import type { ExperimentConfig } from '../config.js';
import type { EndpointConfig } from '../config/endpoint.js';
import type { PlannedRun, RunSpec } from '../runs.js';
import { dataLabel, trainingData } from './data.js';
import { keyed, type Sha256 } from './keys.js';
import { recipe } from './recipe.js';

export function endpointRun(
  config: ExperimentConfig,
  name: string,
  endpoint: EndpointConfig,
  sha256: Sha256,
): PlannedRun {
  const how = endpoint.adversarial ? 'adversarial' : 'regular';
  const spec: RunSpec = {
    kind: 'endpoint',
    dataset: config.dataset,
    model: config.model,
    seed: endpoint.seed,
    recipe: recipe(endpoint),
    adversarial: endpoint.adversarial ?? null,
    ...trainingData(config, endpoint),
  };
  const summary = `train ${name} (${how} ${config.model}, seed ${endpoint.seed})${dataLabel(endpoint)}`;
  return keyed(
    config,
    { name: `endpoint/${name}`, queue: 'gpu', curve: null, summary, needs: [], spec },
    sha256,
  );
}
