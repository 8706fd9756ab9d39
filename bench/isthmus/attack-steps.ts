/** One attack of many steps on a few images: what it takes before it computes, what it then takes, and how much memory. */
import { performance } from 'node:perf_hooks';
import { firstImages } from '../../engine/toolkit/data.js';
import { buildAttack } from '../../numerics/attacks/methods/build-attack.js';
import { singleNetwork } from '../../numerics/attacks/procedure/model-under-attack.js';
import { createAttackRunner } from '../../numerics/attacks/runner/runner.js';
import { makeResident } from '../../numerics/data/resident.js';
import type { AttackSteps, AttackStepsResult } from '../request.js';
import { noPause } from './passes.js';
import type { Setting } from './setting.js';
import { classes } from './sizes.js';

/** In a process of its own: the peak of memory is that of the process. */
export async function measureAttackSteps(
  { host, model, weights, images: all }: Setting,
  { images, steps }: AttackSteps,
): Promise<AttackStepsResult> {
  const data = makeResident(firstImages(all, images), classes);
  const rssBefore = process.memoryUsage.rss();
  const ascent = { epsilon: 0.03, stepSize: 0.003, steps, randomStart: true };
  const attack = buildAttack({ norm: 'linf', ...ascent }, data.shape, 1);
  const begunMs = performance.now();
  const attacker = createAttackRunner(host, singleNetwork(model), attack, data, {
    ...{ batchSize: images, keepImages: false },
  });
  await attacker.attack(weights, noPause);
  const warmMs = performance.now();
  await attacker.attack(weights, noPause);
  const attackMs = performance.now() - warmMs;
  const calls = attacker.calls;
  attacker.dispose();
  data.dispose();
  return {
    calls,
    prepareSeconds: (warmMs - begunMs - attackMs) / 1000,
    attackSeconds: attackMs / 1000,
    memoryMb: (process.resourceUsage().maxRSS * 1024 - rssBefore) / 2 ** 20,
  };
}
