/** Of what training against an attacker says, what decides its result. */
import type { AdversarialConfig } from '../../config/adversarial.js';
import type { AdversarialSpec } from '../../records/runs.js';
import { inNumbers } from '../../in-numbers.js';

const defaultBeta = 6;

export function adversarialSpec(config: AdversarialConfig): AdversarialSpec {
  const { method, beta = defaultBeta, ...ascent } = inNumbers(config);
  return method === 'trades' ? { ...ascent, trades: { beta } } : ascent;
}
