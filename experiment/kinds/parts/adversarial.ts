/** Adversarial training from its configuration. */
import type { AdversarialConfig } from '../../config/adversarial.js';
import type { AdversarialSpec } from '../../specs/training.js';
import { inNumbers } from '../../in-numbers.js';

const defaultBeta = 6;
/** Step size over epsilon of one-step training (Wong et al. 2020, section 4.1). */
const fastStep = 1.25;

export function adversarialSpec(config: AdversarialConfig): AdversarialSpec {
  const { method, beta = defaultBeta, overfitting = 'fail', ...given } = inNumbers(config);
  // The schema lets neither be absent but with `fast`.
  const { epsilon, stepSize = fastStep * epsilon, steps = 1, randomStart, warmup } = given;
  const ascent = { epsilon, stepSize, steps, randomStart, warmup };
  if (method === 'trades') return { ...ascent, trades: { beta } };
  return method === 'fast' ? { ...ascent, overfitting } : ascent;
}
