// The further ways to an endpoint or a curve that take steps, stopped and killed on the way: the same bytes as without.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlannedRun } from '../../experiment/records/runs.js';
import {
  createEngineRuns,
  expectTheRest,
  runsOf,
  stoppedAt,
  type EngineRuns,
} from './engine-runs.js';

const clean = 'C: { seed: 1, batchSize: 512, epochs: 1 }';
const dense = runsOf(
  'model=mlp',
  'injections={ faults: { images: 1000, wrong: 3, stepSize: 1e-6, maxSteps: 5000 } }',
  `endpoints={ ${clean}, D: { seed: 2, batchSize: 512, epochs: 1 }, I: { from: C, inject: faults }, F: { from: C, seed: 3, batchSize: 512, epochs: 1 }, S: { seed: 4, spawn: { seed: 1, step: 60 }, batchSize: 512, epochs: 1 }, T: { seed: 5, batchSize: 512, epochs: 1, adversarial: { method: trades, epsilon: 0.1, stepSize: 0.05, steps: 2 } }, R: { seed: 6, batchSize: 512, epochs: 1, schedule: { kind: one-cycle }, labelSmoothing: 0.1, augmentation: { padding: 2, erasing: {} }, adversarial: { method: fast, epsilon: 0.1, overfitting: record } } }`,
  'curves={ C-D: { from: C, to: D, batchSize: 512, epochs: 1, adversarial: { epsilon: 0.1, stepSize: 0.05, steps: 2 } } }',
);
const certified = runsOf(
  'model=nemon',
  'endpoints={ N: { seed: 7, optimiser: adam, learningRate: 0.001, batchSize: 500, steps: 30, certified: { epsilon: 0.02, begin: 0.2, end: 0.6 } } }',
  'curves={}',
);
const convolutional = runsOf(
  `endpoints={ C: { seed: 1, batchSize: 4096, epochs: 1 }, P: { from: C, prune: { fraction: 0.3 }, seed: 6, batchSize: 4096, epochs: 1 } }`,
  'curves={}',
);

let engines: EngineRuns;
beforeAll(() => {
  engines = createEngineRuns();
});
afterAll(() => engines.close());

const often = { everySteps: 2, everySeconds: 3600 };

const cases: readonly [string, readonly PlannedRun[], string, readonly number[]][] = [
  ['fine-tuning', dense, 'endpoint/F', [10, 70]],
  ['training that spawns', dense, 'endpoint/S', [10, 70]],
  ['TRADES', dense, 'endpoint/T', [10, 70]],
  [
    'fast adversarial training under one cycle, erasing and label smoothing',
    dense,
    'endpoint/R',
    [40, 70],
  ],
  ['a robust connection', dense, 'curve/C-D', [10, 70]],
  ['certified training by Adam', certified, 'endpoint/N', [4, 20]],
  ['an injection', dense, 'endpoint/I', [5, 20]],
  ['fine-tuning of a pruned network', convolutional, 'endpoint/P', [3, 10]],
];

describe.each(cases)('%s', (_what, runs, name, steps) => {
  const run = runs.find((one) => one.name === name)!;

  test('stopped twice, then killed, ends with the bytes of a run that was not', async () => {
    for (const { run: key } of run.needs) await engines.whole(runs.find((r) => r.key === key)!);
    const whole = await engines.whole(run);
    let saved = await stoppedAt(engines, run, steps);
    const kill = { atStep: saved[0]!.step + 1, by: 'SIGKILL' } as const;
    const killed = await engines.attempt(run, { policy: often, saved }, kill);
    expect(killed.outcome).toMatchObject({ type: 'failed', failure: { type: 'crashed' } });
    saved = [...killed.checkpoints, ...saved].slice(0, 2);
    await expectTheRest(engines, run, saved, whole);
  }, 240_000);
});
