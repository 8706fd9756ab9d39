// Measurements along a path, attacks with restarts among them, stopped and killed on the way: the same bytes as without.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckpointRef } from '../../experiment/records/records.js';
import {
  createEngineRuns,
  differences,
  expectTheRest,
  runsOf,
  type EngineRuns,
} from './engine-runs.js';

const runs = runsOf(
  'model=mlp',
  'bonafide={ pool: 5000 }',
  'backdoors={ one: { target: 1 }, all: { target: all } }',
  'endpoints={ A: { seed: 1, batchSize: 2048, epochs: 1 }, B: { seed: 2, batchSize: 2048, epochs: 1 } }',
  'curves={ A-B: { from: A, to: B, batchSize: 4096, bonafide: 1000, steps: 15 } }',
  'evaluation={ points: 3 }',
  'attacks={ pgd: { epsilon: 0.1, stepSize: 0.01, steps: 50, images: 1000, points: 2, restarts: 3 }, auto: { method: autoattack, epsilon: 0.02, steps: 12, targets: 2, queries: 30, images: 500, points: 2 }, kept: { epsilon: 0.1, stepSize: 0.02, steps: 20, images: 500, points: 4, restarts: 2, keepImages: true } }',
  'spectrum={ images: 200, points: 3, operator: hessian, top: 2, meanHessian: true, compat: published, gradients: true, prediction: { epsilon: 0.1 } }',
  'weightSpectrum={ images: 256, points: 3, top: 2, tolerance: 0.01, trace: { probes: 2 }, density: { probes: 1, steps: 4 } }',
  'detections={ lle: { estimator: lle, space: logits, references: 500, calibration: 200, images: 250, points: 4, attacks: [kept], backdoors: [one], adaptive: { epsilon: 0.1, stepSize: 0.05, steps: 3, lambdas: [0, 1] } } }',
  'transfer={ attack: pgd, points: 3, images: 250 }',
  'convergence={ attack: pgd, steps: 60, starts: 2, points: 3, images: 250 }',
  'certificates={ mm: { epsilons: [0.001, 0.002, 0.004], points: 12, images: 1000 } }',
  'twoLayer={ networks: 6, starts: 5, steps: 200 }',
  'ensemble={ members: [0, 0.5, 1], attack: pgd, images: 250, randomMember: true }',
);
const named = (name: string) => runs.find((run) => run.name === name)!;

let engines: EngineRuns;
beforeAll(async () => {
  engines = createEngineRuns();
  const needed = ['endpoint/A', 'endpoint/B', 'curve/A-B', 'attack/A-B/kept'];
  for (const name of needed) await engines.whole(named(name));
}, 120_000);
afterAll(() => engines.close());

const rarely = { everySeconds: 3600 };
const always = { everySteps: 1, everySeconds: 3600 };

describe.each([
  ...['evaluation/A-B', 'attack/A-B/pgd', 'attack/A-B/auto', 'attack/A-B/kept', 'spectrum/A-B'],
  ...['weight-spectrum/A-B', 'transfer/A-B', 'ensemble/A-B'],
  ...['detection/A-B/lle', 'convergence/A-B', 'certificate/A-B/mm'],
])('%s', (name) => {
  test('stopped twice goes on from the points and restarts that are over', async () => {
    const run = named(name);
    const whole = await engines.whole(run);
    let saved: readonly CheckpointRef[] = [];
    for (const part of [1 / 3, 2 / 3]) {
      const atStep = Math.ceil(part * whole.lastStep);
      const heard = await engines.attempt(
        run,
        { policy: rarely, saved },
        { atStep, by: 'SIGTERM' },
      );
      expect(heard.outcome).toEqual({ type: 'stopped' });
      expect(heard.checkpoints).toHaveLength(1);
      saved = [...heard.checkpoints, ...saved];
    }
    await expectTheRest(engines, run, saved, whole);
  }, 180_000);

  test('killed goes on from the last point or restart that was saved', async () => {
    const run = named(name);
    const whole = await engines.whole(run);
    const atStep = Math.ceil((2 / 3) * whole.lastStep);
    const killed = await engines.attempt(
      run,
      { policy: always, saved: [] },
      { atStep, by: 'SIGKILL' },
    );
    expect(killed.outcome).toMatchObject({ type: 'failed', failure: { type: 'crashed' } });
    expect(killed.checkpoints.length).toBeGreaterThan(0);
    await expectTheRest(engines, run, killed.checkpoints, whole);
  }, 180_000);
});

test('ascents on two-layer networks keep no state: killed, they begin again and give the same bytes', async () => {
  const run = named('two-layer/ascents');
  const whole = await engines.whole(run);
  const killed = await engines.attempt(
    run,
    { policy: always, saved: [] },
    { atStep: 2, by: 'SIGKILL' },
  );
  expect(killed.outcome).toMatchObject({ type: 'failed', failure: { type: 'crashed' } });
  expect(killed.checkpoints).toEqual([]);
  const again = await engines.attempt(run, { policy: rarely, saved: [] });
  expect(again.outcome).toEqual(whole.outcome);
  expect(differences(again, whole)).toEqual([]);
}, 60_000);
