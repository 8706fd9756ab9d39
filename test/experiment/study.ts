/** One study as a file would say it, what is planned of it, and which of its runs a change touches. */
import { experimentSchema } from '../../experiment/config/experiment.js';
import { planExperiment, type Plan } from '../../experiment/plan/plan.js';
import { sha256 } from '../stores/results/plans.js';

/** Two curves from one endpoint, the second to a robust one, with two attacks and a spectrum. */
export const written = {
  name: 'study',
  dataset: 'mnist',
  model: 'cnn-small',
  endpoints: {
    A: { seed: 10 },
    B: { seed: 20 },
    D: { seed: 40 },
    C: { seed: 30, adversarial: { epsilon: 0.2, stepSize: 0.05, steps: 5 } },
  },
  curves: { 'A-B': { from: 'A', to: 'B', seed: 10 }, 'A-C': { from: 'A', to: 'C', seed: 20 } },
  attacks: {
    weak: { epsilon: 0.05, stepSize: 0.02, steps: 3, images: 100 },
    strong: { epsilon: 0.1, stepSize: 0.02, steps: 10, images: 100 },
  },
  spectrum: { images: 32 },
};

/** The plan of a configuration as it is written; of the study unless it says otherwise. */
export function plan(input: unknown = written): Plan {
  return planExperiment(experimentSchema.parse(input), sha256);
}

/** The keys of the runs of a plan, by name. */
export function keys({ runs }: Plan): Record<string, string> {
  return Object.fromEntries(runs.map(({ name, key }) => [name, key]));
}

/** Names of the runs whose keys are not those of the study as it is written. */
export function changedRuns(input: unknown): string[] {
  const before = keys(plan());
  return Object.entries(keys(plan(input)))
    .filter(([name, key]) => before[name] !== key)
    .map(([name]) => name)
    .sort();
}
