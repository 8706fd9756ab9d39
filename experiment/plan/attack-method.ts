/** Of what a file says about an attack, how it goes about it, wherever it is made. */
import type { AttackConfig } from '../config/attack.js';
import type { AttackMethod } from '../runs.js';

/** What is absent is not in the key. */
export function attackMethod(config: AttackConfig): AttackMethod {
  const { points, images, restarts = 1, ...method } = config;
  void [points, images];
  return { ...method, ...(restarts === 1 ? {} : { restarts }) };
}
