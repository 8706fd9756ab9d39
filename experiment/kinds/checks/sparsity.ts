/** Refuses sparse training where there is nothing to be sparse, and rewirings after the last step. */
import { uncuttable } from '../../catalogue/models/cuttable.js';
import { hasLayer, modelLayers, modelTitle } from '../../catalogue/models/index.js';
import { isModule } from '../../catalogue/models/own-model.js';
import { describeDataset } from '../../catalogue/own-dataset.js';
import type { BaseConfig } from '../../config/base.js';
import type { EndpointConfig } from '../../config/endpoint.js';
import { UserError } from '../../errors.js';

export function checkSparsity({ dataset, model, endpoints }: BaseConfig): void {
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const { sparsity, prune } = endpoint;
    const refuse = (field: string, why: string) =>
      new UserError('bad-input', `endpoints.${name}.${field}: ${why}`);
    const field = sparsity ? 'sparsity' : 'prune.granularity';
    if (prune?.granularity === 'channel') {
      const reason = isModule(model)
        ? 'a module does not say which weights read a channel'
        : uncuttable(modelLayers(model));
      if (reason !== null) throw refuse(field, `no channel of ${modelTitle(model)} can be cut: ${reason}`); // prettier-ignore
    }
    if (sparsity === undefined && prune?.granularity !== 'weight') continue;
    if (!isModule(model) && hasLayer(model, 'implicit'))
      throw refuse(
        field,
        `${modelTitle(model)} is implicit, and a mask of its coupling would move its fixed point; use a network without implicit layers`,
      );
    const every = sparsity?.every;
    if (typeof every !== 'number') continue;
    const steps = stepsOf(endpoint, describeDataset(dataset).train);
    if (every >= steps)
      throw refuse('sparsity.every', `its training has ${steps} steps; rewire before the last`);
  }
}

function stepsOf({ steps, epochs, batchSize, images }: EndpointConfig, all: number): number {
  return steps ?? epochs! * Math.ceil((images ?? all) / batchSize);
}
