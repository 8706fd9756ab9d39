/** Adversarial training from its configuration. */
import type { AdversarialConfig } from '../../config/training/adversarial.js';
import type { AdversarialSpec } from '../../specs/training.js';
import { inNumbers } from '../../in-numbers.js';

const defaultBeta = 6;
/** Weights of the published trade-off (Li et al. 2020). */
const publishedWeights = { clean: 1, adversarial: 8 };
/** Step size over epsilon of one-step training (Wong et al. 2020, section 4.1). */
const fastStep = 1.25;

export function adversarialSpec(config: AdversarialConfig): AdversarialSpec {
  const { method, beta = defaultBeta, overfitting = 'fail', weights, ...given } = inNumbers(config);
  // The schema lets neither be absent but with `fast`.
  const { epsilon, stepSize = fastStep * epsilon, steps = 1, randomStart, warmup } = given;
  const ascent = { epsilon, stepSize, steps, randomStart, warmup };
  switch (method) {
    case undefined:
    case 'pgd':
      return ascent;
    case 'trades':
      return { ...ascent, trades: { beta } };
    case 'trade-off':
      return { ...ascent, tradeOff: weights ?? publishedWeights };
    case 'fast':
      return { ...ascent, overfitting };
    default:
      throw new Error(`unknown method ${String(method satisfies never)}`);
  }
}
