/** Plans whose gpu runs tell the fake engine what to do by their names, with keys of their own. */
import { randomUUID } from 'node:crypto';
import { experimentSchema } from '../../experiment/config/experiment.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { Need, PlannedRun, RunKey, RunSpec, WorkQueue } from '../../experiment/records/runs.js';

export interface Wanted {
  readonly name: string;
  readonly queue?: WorkQueue;
  readonly needs?: readonly Need[];
  readonly spec?: RunSpec;
}

const recipe = { epochs: 1, batchSize: 1, learningRate: 0.1, momentum: 0, weightDecay: 0 };
const endpoint: RunSpec = {
  ...{ kind: 'endpoint', dataset: 'mnist', model: 'cnn-small', seed: 1 },
  ...{ recipe, adversarial: null },
};

export function newKey(): RunKey {
  return (randomUUID() + randomUUID()).replaceAll('-', '');
}

export function runNamed({ name, queue = 'gpu', needs = [], spec = endpoint }: Wanted): PlannedRun {
  return { key: newKey(), name, queue, curve: null, summary: name, needs, spec };
}

export function planOf(runs: readonly PlannedRun[]): Plan {
  const signature = newKey();
  const config = experimentSchema.parse({
    ...{ name: 'test', dataset: 'mnist', model: 'cnn-small' },
    endpoints: { A: { seed: 1 } },
  });
  return { id: `test-${signature.slice(0, 10)}`, name: 'test', signature, config, runs };
}
