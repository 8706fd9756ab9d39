/** The experiment that the faults hit: every kind of run, each a second or less on two cores. */
import { createHash } from 'node:crypto';
import { experimentSchema } from '../../experiment/experiment.js';
import { planExperiment, type Plan } from '../../experiment/plan/plan.js';

const training = { epochs: 1, batchSize: 2000 };

export function chaosPlan(): Plan {
  return planExperiment(
    experimentSchema.parse({
      name: 'chaos',
      dataset: 'mnist',
      model: 'mlp',
      endpoints: {
        ...{ A: { seed: 1, ...training }, B: { seed: 2, ...training } },
        C: {
          ...{ seed: 3, ...training, optimiser: 'adam', learningRate: 0.001 },
          certified: { epsilon: 0.02, begin: 0.2, end: 0.6 },
        },
      },
      curves: { 'A-B': { from: 'A', to: 'B', ...training } },
      evaluation: { points: 2, straightLine: false },
      attacks: {
        pgd: { epsilon: 0.1, stepSize: 0.05, steps: 3, images: 500, points: 3 },
        kept: { epsilon: 0.1, stepSize: 0.05, steps: 3, images: 250, points: 3, keepImages: true },
      },
      detections: {
        pca: {
          ...{ estimator: 'pca', space: 'logits', references: 500, calibration: 250 },
          ...{ images: 250, points: 3, attacks: ['kept'] },
        },
      },
      certificates: { mm: { epsilons: [0.001, 0.002], images: 500, points: 3 } },
      convergence: { attack: 'pgd', steps: 8, starts: 2, images: 250, points: 3 },
      twoLayer: { networks: 4, starts: 5, steps: 100 },
      spectrum: { images: 64, points: 3 },
      execution: { concurrency: 2 },
    }),
    (text) => createHash('sha256').update(text).digest('hex'),
  );
}
