/** How long the rest takes, from what was measured; unknown where nothing was. */
import { expect, test } from 'vitest';
import type { AttackSpec } from '../../../experiment/kinds/attack.js';
import type { EndpointSpec } from '../../../experiment/kinds/endpoint.js';
import type { RunSpec } from '../../../experiment/kinds/index.js';
import { measureRates, timeLeft } from '../../../experiment/plan/time-left.js';
import { runWork } from '../../../experiment/plan/work.js';

const recipe = { epochs: 2, batchSize: 128, learningRate: 0.1, momentum: 0.9, weightDecay: 0 };
const endpoint = (epochs: number): EndpointSpec => ({
  ...{ kind: 'endpoint', dataset: 'mnist', model: 'mlp', seed: 1 },
  ...{ recipe: { ...recipe, epochs }, adversarial: null },
});
const attack: AttackSpec = {
  ...{ kind: 'attack', dataset: 'mnist', model: 'mlp', seed: 1, path: 'curve', family: 'bezier' },
  ...{ t: [0, 1], norm: 'linf', epsilon: 0.1, stepSize: 0.1, steps: 10, randomStart: true },
  images: 100,
};
const took = (spec: RunSpec, seconds: number) => ({ spec, seconds });

test('runs of the same group take the median time for each unit of their work', () => {
  const rates = measureRates([
    took(endpoint(1), 10),
    took(endpoint(2), 24),
    took(endpoint(4), 400),
  ]);
  expect(timeLeft([{ spec: endpoint(5), runs: 2 }], [], rates, 1)).toEqual({
    ...{ seconds: 120, unknownRuns: 0 },
  });
  expect(timeLeft([{ spec: endpoint(5), runs: 2 }], [], rates, 2).seconds).toBe(60);
});

test('trainings of no epochs take no time, and say nothing about others', () => {
  const rates = measureRates([took(endpoint(0), 3), took(endpoint(2), 24)]);
  expect(timeLeft([{ spec: endpoint(5), runs: 1 }], [], rates, 1).seconds).toBe(60);
  expect(timeLeft([{ spec: endpoint(0), runs: 3 }], [], rates, 1).seconds).toBe(0);
});

test('another model, data set, precision or adversary is another matter', () => {
  const { group } = runWork(endpoint(1));
  for (const change of [{ model: 'convfc' }, { dataset: 'cifar10' }, { precision: 'bfloat16' }]) {
    expect(runWork({ ...endpoint(1), ...change } as EndpointSpec).group).not.toBe(group);
  }
  const adversarial = { epsilon: 0.1, stepSize: 0.1, steps: 4 } as EndpointSpec['adversarial'];
  expect(runWork({ ...endpoint(1), adversarial }).amount).toBe(5);
  expect(runWork({ ...attack, restarts: 3 }).amount).toBe(3 * runWork(attack).amount);
  expect(runWork({ ...attack, checks: { queries: 500 } }).amount).toBe(2 * 100 * (10 + 500));
});

test('a run at work is judged by its own rate, since the step at which its attempt began', () => {
  const steps = { made: 50, left: 100 };
  const left = timeLeft([], [{ spec: attack, seconds: 20, steps }], measureRates([]), 1);
  expect(left).toEqual({ seconds: 40, unknownRuns: 0 });
});

test('the longest run at work bounds the rest from below, however many engines there are', () => {
  const atWork = { spec: attack, seconds: 10, steps: { made: 1, left: 9 } };
  const rates = measureRates([took(endpoint(1), 2)]);
  expect(timeLeft([{ spec: endpoint(1), runs: 2 }], [atWork], rates, 8).seconds).toBe(90);
});

test('where nothing was measured the time is unknown, and unmeasured runs are counted', () => {
  const begun = { spec: attack, seconds: 1, steps: { made: 1, left: 9 } };
  expect(timeLeft([{ spec: attack, runs: 3 }], [], measureRates([]), 1)).toEqual({
    ...{ seconds: null, unknownRuns: 3 },
  });
  const rates = measureRates([took(endpoint(1), 2)]);
  expect(timeLeft([{ spec: endpoint(1), runs: 1 }], [begun], rates, 1)).toEqual({
    ...{ seconds: 2, unknownRuns: 1 },
  });
  expect(timeLeft([], [], measureRates([]), 1)).toEqual({ seconds: 0, unknownRuns: 0 });
});
