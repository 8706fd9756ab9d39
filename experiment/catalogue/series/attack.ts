/** Series of an attack along a path, with the checks that tell whether its error can be trusted. */
import type { SeriesEntry, SeriesTable, ValidityCheck } from './entry.js';

const along = (unit: SeriesEntry['unit'], description: string) =>
  ({ unit, axis: 't', better: 'lower', description }) as const;

const check = (name: string, limit: number, meaning: string): ValidityCheck => ({
  ...{ name, limit, meaning },
  docs: 'docs/concepts/attacks.md',
});

export const attackSeries = {
  clean_nll: along('nats', 'mean cross-entropy over these images before the attack'),
  clean_error: along('%', 'misclassified fraction of these images before the attack'),
  robust_nll: along('nats', 'mean cross-entropy over the adversarial examples'),
  robust_error: along('%', 'misclassified fraction of the adversarial examples'),
  targeted_success: along(
    '%',
    'fraction of the images of other classes that are classified as the target class',
  ),
  attack_zero_gradient: {
    ...along('1', 'fraction of the images at which the cross-entropy has no gradient'),
    check: check(
      'zero gradient',
      0,
      'gradients are masked at these images, so that a stronger attack may find a higher robust error',
    ),
  },
  attack_loss_fell: {
    ...along(
      '1',
      'fraction of the images whose loss fell between half of the steps and the last, over all passes',
    ),
    check: check(
      'falling loss',
      0.5,
      'the steps are too long for most images, so that smaller steps may find a higher robust error',
    ),
  },
  attack_black_box_gain: {
    ...along(
      '1',
      'fraction of the images that only the Square Attack fooled, after all attacks with gradients',
    ),
    check: check(
      'black-box gain',
      0,
      'an attack without gradients fools images that the attacks with gradients do not: gradients are misleading or the attack is too weak',
    ),
  },
  attack_random: {
    ...along(
      '1',
      'fraction of the images whose cross-entropy changes on re-evaluation (stochastic model)',
    ),
    check: check(
      'stochastic loss',
      0,
      'the model is stochastic, and an attack that does not average over its randomness underestimates the robust error',
    ),
  },
  fosc: along(
    'nats',
    'mean first-order stationary condition of the cross-entropy at the adversarial examples: what a linear step within the ball would still gain',
  ),
  relative_fosc: along(
    '1',
    'median over the adversarial examples of FOSC relative to its value at the centre of the ball; 0 at a stationary point',
  ),
  fosc_converged: {
    ...along('1', 'fraction of the adversarial examples whose relative FOSC is below 0.01'),
    better: 'higher',
  },
} as const satisfies SeriesTable;
