/** The experiment that the faults hit: every kind of run, each a second or less on two cores. */
import { createHash } from 'node:crypto';
import { experimentSchema } from '../../experiment/config/experiment.js';
import { planExperiment, type Plan } from '../../experiment/plan/plan.js';

const training = { epochs: 1, batchSize: 2000 };

export function chaosPlan(): Plan {
  return planExperiment(
    experimentSchema.parse({
      name: 'chaos',
      dataset: 'mnist',
      model: 'mlp',
      endpoints: { A: { seed: 1, ...training }, B: { seed: 2, ...training } },
      curves: { 'A-B': { from: 'A', to: 'B', ...training } },
      evaluation: { points: 2, straightLine: false },
      attacks: { pgd: { epsilon: 0.1, stepSize: 0.05, steps: 3, images: 500, points: 3 } },
      spectrum: { images: 64, points: 3 },
      execution: { concurrency: 2 },
    }),
    (text) => createHash('sha256').update(text).digest('hex'),
  );
}
