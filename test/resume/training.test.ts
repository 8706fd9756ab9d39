// Training, adversarial training and curve fitting, stopped and killed on the way: the same bytes as without.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlannedRun } from '../../experiment/records/runs.js';
import {
  createEngineRuns,
  differences,
  expectTheRest,
  runsOf,
  stoppedAt,
  type EngineRuns,
} from './engine-runs.js';

/** A convolutional network whose steps are slow, and dense ones whose many steps take no time. */
const convolutional = runsOf(
  'endpoints={ A: { seed: 1, batchSize: 4096, epochs: 1 } }',
  'curves={}',
);
const dense = runsOf(
  'model=mlp',
  'endpoints={ A: { seed: 1, batchSize: 256, epochs: 1 }, B: { seed: 2, batchSize: 1024, epochs: 1 }, R: { seed: 3, batchSize: 512, epochs: 1, augmentation: { flip: false, padding: 2 }, adversarial: { epsilon: 0.1, stepSize: 0.05, steps: 2 } }, S: { seed: 4, batchSize: 512, epochs: 2, sparsity: { density: 0.05, growth: random, admm: {} } } }',
  'curves={ A-B: { from: A, to: B, batchSize: 512, bends: 2, epochs: 1 } }',
);

/** Budgets in steps: the images come round again and again. */
const repair = runsOf(
  'model=mlp',
  'bonafide={ pool: 5000 }',
  'backdoors={ all: { target: all, seed: 7 } }',
  'endpoints={ A: { seed: 1, backdoor: all, batchSize: 500, steps: 250 }, B: { seed: 2, bonafide: 300, batchSize: 500, steps: 100 } }',
  'curves={ A-B: { from: A, to: B, bonafide: 300, batchSize: 500, ends: free, steps: 110 } }',
);

/** Relaxed for three epochs of five, an attacker at the relaxed weights. */
const quantised = runsOf(
  'model=mlp',
  'endpoints={ Q: { seed: 1, batchSize: 512, epochs: 5, quantisation: { scheme: ternary, layers: all, float: [last], growth: 3 }, adversarial: { epsilon: 0.1, stepSize: 0.05, steps: 2, method: trade-off } } }',
  'curves={}',
);

let engines: EngineRuns;
beforeAll(() => {
  engines = createEngineRuns();
});
afterAll(() => engines.close());

const often = { everySteps: 2, everySeconds: 3600 };
/** The interval, the call under way and two during which the bytes were on their way, of two steps each. */
const mostLost = 8;

const cases: readonly [string, readonly PlannedRun[], string, readonly number[]][] = [
  ['training', dense, 'endpoint/A', [20, 100, 230]],
  ['training of a convolutional network', convolutional, 'endpoint/A', [3, 10]],
  ['adversarial training with augmentation', dense, 'endpoint/R', [10, 70]],
  ['training under masks that are rewired', dense, 'endpoint/S', [10, 117, 150]],
  ['curve fitting', dense, 'curve/A-B', [10, 70]],
  ['quantised training', quantised, 'endpoint/Q', [10, 300]],
  ['training on poisoned images', repair, 'endpoint/A', [10, 150]],
  ['curve fitting with free ends on bonafide images', repair, 'curve/A-B', [10, 70]],
];

describe.each(cases)('%s', (_what, runs, name, steps) => {
  const run = runs.find((one) => one.name === name)!;

  test('stopped by SIGTERM at several steps ends with the bytes of a run that was not', async () => {
    for (const { run: key } of run.needs) await engines.whole(runs.find((r) => r.key === key)!);
    const whole = await engines.whole(run);
    const saved = await stoppedAt(engines, run, steps);
    await expectTheRest(engines, run, saved, whole);
  }, 180_000);

  test('killed between two checkpoints loses the steps since the last one, and nothing else', async () => {
    const whole = await engines.whole(run);
    // Early: a busy machine hears of a step when the engine is many steps further.
    const kill = { atStep: steps[0]!, by: 'SIGKILL', checkpoints: 1 } as const;
    const killed = await engines.attempt(run, { policy: often, saved: [] }, kill);
    expect(killed.outcome).toMatchObject({ type: 'failed', failure: { type: 'crashed' } });
    const saved = killed.checkpoints.slice(0, 2);
    const again = await engines.attempt(run, { policy: often, saved });
    expect(again.resumption).toMatchObject({ refused: [] });
    const { step } = again.resumption!;
    // A newer state may have waited on disk for its upload.
    expect(step).toBeGreaterThanOrEqual(saved[0]!.step);
    if (runs === convolutional) expect(killed.lastStep - step).toBeLessThanOrEqual(mostLost);
    expect(again.outcome).toEqual(whole.outcome);
    expect(differences(again, whole)).toEqual([]);
  }, 180_000);
});
