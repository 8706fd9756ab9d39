/** Plans of experiments that sweep, from their text, and the names of what is in them. */
import { parseExperiment } from '../../../experiment/file/document.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';

/** The plan of a text that is called x.yaml. */
export function plan(text: string): Plan {
  return planExperiment(parseExperiment(text, 'x.yaml'), sha256);
}

/** The runs of a kind, named without it. */
export function names({ runs }: Plan, kind: string): readonly string[] {
  return runs
    .filter(({ spec }) => spec.kind === kind)
    .map(({ name }) => name.slice(name.indexOf('/') + 1))
    .sort();
}

/** The first three lines of every text. */
export const head = 'name: x\ndataset: mnist\nmodel: cnn-small\n';

/** Two endpoints of three seeds each, which differ in their epochs. */
export const pairs = `${head}endpoints:
  A: { sweep: { grid: { seed: [1, 2, 3] } } }
  B: { epochs: 3, sweep: { grid: { seed: [1, 2, 3] } } }
`;
