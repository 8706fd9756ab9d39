import { expect, test } from 'vitest';
import { planFile, presetNames } from '../../cli/experiments/experiment-file.js';

test.each(presetNames())('preset %s can be planned, under its own name', async (name) => {
  const { runs, name: own } = await planFile(name, []);
  expect(runs.length).toBeGreaterThan(0);
  const [experiment, ...folders] = [name.split('/').at(-1)!, ...name.split('/').slice(0, -1)];
  expect(own).toBe([experiment, ...folders].join('-'));
});

test('each experiment of the paper is there for every data set', () => {
  const names = presetNames();
  for (const experiment of [
    ...['repair-backdoor', 'repair-injection', 'bonafide-sizes', 'evasion-path'],
    ...['robust-connection', 'adaptive-attacker', 'ensemble'],
  ]) {
    for (const folder of ['', 'fashion-mnist/', 'shapes32/', 'cifar10/', 'svhn/']) {
      expect(names).toContain(`${folder}${experiment}`);
    }
  }
});

test('another network of the paper takes one field', async () => {
  const { runs } = await planFile('cifar10/repair-backdoor', ['model=preresnet26']);
  expect(runs[0]!.spec).toMatchObject({ model: 'preresnet26', recipe: { epochs: 100 } });
  expect(runs.find((run) => run.name === 'curve/A-B')!.spec).toMatchObject({
    recipe: { steps: 7900, learningRate: 0.01, weightDecay: 0.0001 },
  });
});

test.each(presetNames())('preset %s predicts losses in the ball of its attacks', async (name) => {
  const { runs } = await planFile(name, []);
  const predicted = runs.flatMap(({ spec }) =>
    spec.kind === 'spectrum' && spec.variable === 'inputs' && spec.prediction
      ? [spec.prediction.epsilon]
      : [],
  );
  const attacked = runs.flatMap(({ spec }) =>
    spec.kind === 'attack' && spec.norm === 'linf' ? [spec.epsilon] : [],
  );
  // 8/255, which some presets write as 0.03137.
  for (const epsilon of predicted) {
    expect(attacked.some((one) => Math.abs(one - epsilon) < 1e-5)).toBe(true);
  }
});
