/** Detections of an experiment file: the runs they become, and mistakes that are refused before anything runs. */
import { describe, expect, it } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import type { DetectionSpec } from '../../../experiment/kinds/detection.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';
import { head } from '../sweep/sweeps.js';

const file = `${head}endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
backdoors: { sq: { target: 1 } }
attacks:
  pgd: { sweep: { grid: { epsilon: [0.1, 0.2] } }, stepSize: 0.05, steps: 3, images: 300, points: 5, keepImages: true }
  other: { epsilon: 0.1, stepSize: 0.05, steps: 3, images: 300, points: 4, keepImages: true }
  lost: { epsilon: 0.1, stepSize: 0.05, steps: 3, images: 300, points: 5 }
detections:
  near: { estimator: nearest, attacks: [pgd] }
`;
const plan = (...set: string[]): Plan =>
  planExperiment(parseExperimentWith(file, 'x.yaml', set), sha256);

function detection(...set: string[]) {
  const run = plan(...set).runs.find(({ name }) => name.startsWith('detection/'))!;
  return { ...run, spec: run.spec as DetectionSpec };
}

describe('a detection', () => {
  it('needs every attack that its name stands for, and measures where they do', () => {
    const { name, spec, needs } = detection();
    expect(name).toBe('detection/A-B/near');
    expect(spec.detector).toEqual({ estimator: 'nearest', k: 50, norm: 'l2' });
    expect(spec.attacks.map((attack) => attack.name)).toEqual([
      'pgd@epsilon=0.1',
      'pgd@epsilon=0.2',
    ]);
    expect(spec).toMatchObject({ space: 'pixels', images: 300, t: [0, 0.25, 0.5, 0.75, 1] });
    expect(needs.map(({ role }) => role)).toEqual([
      ...['start', 'end', 'curve', 'attack:pgd@epsilon=0.1', 'attack:pgd@epsilon=0.2'],
    ]);
  });

  it('may measure at some of their t, and without attacks wherever it is told to', () => {
    expect(detection('detections.near.points=3').spec.t).toEqual([0, 0.5, 1]);
    const { spec } = detection('detections.near={ estimator: pca, backdoors: [sq] }');
    expect(spec).toMatchObject({ images: 1000, detector: { estimator: 'pca', variance: 0.95 } });
    expect(spec.t).toHaveLength(11);
    expect(spec.backdoors).toEqual([{ name: 'sq', trigger: 'square', target: 1 }]);
  });

  it('takes radii as fractions, and has the key of the number', () => {
    const asked = (epsilon: string) =>
      detection(`detections.near.adaptive={ epsilon: ${epsilon}, stepSize: 0.01, steps: 2 }`);
    expect(asked('8/256').key).toBe(asked('0.03125').key);
    expect(asked('0.03125').spec.adaptive).toMatchObject({ lambdas: [0, 0.1, 1, 10] });
  });

  it('changes no key of another run', () => {
    const others = (one: Plan) => one.runs.filter(({ name }) => !name.startsWith('detection/'));
    expect(others(plan('detections=null'))).toEqual(others(plan()));
  });
});

describe('is refused with its place and the reason', () => {
  it.each([
    ['estimator: isomap', 'detections.near.estimator'],
    ['estimator: nearest, space: hidden', 'detections.near.space'],
    ['estimator: nearest, k: 0', 'detections.near.k'],
    ['estimator: nearest, k: 51, references: 50', 'detections.near.k: there are fewer references'],
    ['estimator: pca, k: 5', 'detections.near.k'],
    ['estimator: pca, variance: 0.9, components: 3', 'detections.near.variance: give components'],
    [
      'estimator: pca, components: 784',
      'detections.near.components: 784 asked for, pixels has 784',
    ],
    [
      'estimator: pca, space: logits, components: 10',
      'detections.near.components: 10 asked for, logits has 10 dimensions',
    ],
    ['estimator: local-pca, k: 10', 'detections.near.components: k neighbours have fewer'],
    [
      'estimator: kernel-density, bandwidth: silverman',
      'detections.near.bandwidth: give a positive',
    ],
    ['estimator: nearest, references: 60001', 'detections.near.references: 60001 asked for'],
    ['estimator: nearest, calibration: 9701', 'detections.near.calibration: 9701 asked for'],
    ['estimator: nearest, images: 301', 'detections.near.images: 301 asked for, pgd@epsilon=0.1'],
    ['estimator: nearest, points: 4', 'detections.near.points: 4 asked for, pgd@epsilon=0.1 has 5'],
    ['estimator: nearest, backdoors: [toString]', 'no backdoor is named "toString"'],
    [
      'estimator: nearest, adaptive: { epsilon: 1.5, stepSize: 0.1, steps: 2 }',
      'detections.near.adaptive.epsilon',
    ],
    [
      'estimator: nearest, adaptive: { epsilon: 0.5, stepSize: 0.1, steps: 2, lambdas: [1, 0] }',
      'detections.near.adaptive.lambdas: write each weight once',
    ],
  ])('%s', (fields, message) => {
    expect(() => plan(`detections.near={ attacks: [pgd], ${fields} }`)).toThrow(message);
  });

  it('an attack that is not there, keeps no images, or a list of none', () => {
    const asked = (attacks: string) => () =>
      plan(`detections.near={ estimator: nearest, attacks: ${attacks} }`);
    expect(asked('[pgf]')).toThrow('detections.near.attacks: no attack is named "pgf"');
    expect(asked('[lost]')).toThrow(
      'detections.near.attacks: "lost" does not store its adversarial examples: set attacks.lost.keepImages: true',
    );
    expect(asked('[]')).toThrow('detections.near.attacks: say what to detect');
  });

  it('the penultimate layer of a network that does not end in a dense one', () => {
    const model = '{ name: own, layers: [flatten, { dense: classes }, tanh] }';
    const asked = () => plan(`model=${model}`, 'detections.near.space=penultimate');
    expect(asked).toThrow('detections.near.space: own has no last dense layer');
  });
});
