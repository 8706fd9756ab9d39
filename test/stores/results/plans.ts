/** Small real plans for the store tests, made by the planner from configurations. */
import { createHash } from 'node:crypto';
import { experimentSchema } from '../../../experiment/experiment.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';
import type { ArtifactRef, Environment } from '../../../experiment/records/records.js';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Plans of one seed share their endpoints and the curve; the attacks differ by their epsilon. */
export function plan(name: string, seed: number, epsilon = 0.1, precision?: 'tf32'): Plan {
  const config = experimentSchema.parse({
    name,
    dataset: 'mnist',
    model: 'cnn-small',
    precision,
    endpoints: { A: { seed }, B: { seed: seed + 1 } },
    curves: { 'A-B': { from: 'A', to: 'B' } },
    attacks: { pgd: { epsilon, stepSize: 0.01, steps: 2, images: 10, points: 3 } },
    spectrum: { images: 4, points: 3, gradients: true },
    transfer: { attack: 'pgd', points: 3 },
    ensemble: { points: 3, images: 4 },
    weightSpectrum: { images: 4, points: 3 },
  });
  return planExperiment(config, sha256);
}

export function keyOf({ runs }: Plan, name: string): string {
  return runs.find((run) => run.name === name)!.key;
}

export function artifact(content: string): ArtifactRef {
  return { digest: sha256(content), bytes: content.length };
}

export const environment: Environment = {
  isthmus: '0.1.0',
  node: 'v20.20.2',
  tensorflow: '2.9.1',
  tfjs: '4.22.0',
  device: 'cpu',
  cpu: 'a processor',
  threads: 2,
};
