/** One attack of many steps on a few images: what it takes before it computes, what it then takes, and how much memory. */
import { performance } from 'node:perf_hooks';
import { firstImages } from '../../engine/toolkit/data.js';
import { createAttacker } from '../../numerics/attacks/runner/attack-evaluation.js';
import { linf } from '../../numerics/attacks/norms/linf.js';
import { networkTarget } from '../../numerics/attacks/runner/target.js';
import { makeResident } from '../../numerics/data/resident.js';
import type { AttackSteps, AttackStepsResult } from '../request.js';
import { noPause } from './passes.js';
import { classes, type Setting } from './setting.js';

/** In a process of its own: the peak of memory is that of the process. */
export async function measureAttackSteps(
  { host, model, weights, images: all }: Setting,
  { images, steps }: AttackSteps,
): Promise<AttackStepsResult> {
  const data = makeResident(firstImages(all, images), classes);
  const rssBefore = process.memoryUsage.rss();
  const settings = { epsilon: 0.03, stepSize: 0.003, steps, randomStart: true, seed: 1 };
  const begunMs = performance.now();
  const attacker = createAttacker(host, networkTarget(model), linf, settings, data, images);
  await attacker.attack(weights, noPause);
  const warmMs = performance.now();
  await attacker.attack(weights, noPause);
  const attackMs = performance.now() - warmMs;
  const calls = attacker.batches;
  attacker.dispose();
  data.dispose();
  return {
    calls,
    prepareSeconds: (warmMs - begunMs - attackMs) / 1000,
    attackSeconds: attackMs / 1000,
    memoryMb: (process.resourceUsage().maxRSS * 1024 - rssBefore) / 2 ** 20,
  };
}
