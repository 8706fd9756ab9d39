/** When the loss of a training has left all bounds, though it never became infinite. */
import type { SeriesName } from '../kinds/series.js';

/** Stored at x = 0 by a training whose loss left its bounds, and by no other. */
export const outOfBounds = 'loss_out_of_bounds' satisfies SeriesName<'endpoint'> &
  SeriesName<'curve'>;

/**
 * 1000 log C, in nats: a thousand times the cross-entropy of a network that gives every one of C classes the same
 * probability. No network that learns comes near it: 2,303 nats for 10 classes say that the true class has a
 * probability of e^-2303, of which float32 holds none below e^-104.
 */
export function lossBound(classes: number): number {
  return 1000 * Math.log(classes);
}

/** One line for people. */
export function outOfBoundsWarning(largest: number): string {
  const reached = largest.toPrecision(2);
  return `warning: training loss reached ${reached}, over 1000 log(classes); lower the learning rate`;
}
