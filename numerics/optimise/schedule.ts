/** How learning rate and attack strength change over the steps of a training run. */

/**
 * Half-linear schedule of Garipov et al. 2018 with α = step / total:
 * 1 until α = 0.5, then linear to 0.01 at α = 0.9, then 0.01.
 */
export function halfLinear(step: number, total: number): number {
  const alpha = step / total;
  if (alpha <= 0.5) return 1;
  return alpha <= 0.9 ? 1 - (0.99 * (alpha - 0.5)) / 0.4 : 0.01;
}

/**
 * Linear growth from 0 to 1 over the first `share` of the steps, then 1.
 * Adversarial training at a large epsilon from the first step collapses to a constant predictor.
 */
export function warmup(step: number, total: number, share: number): number {
  return share === 0 ? 1 : Math.min(1, step / (share * total));
}
