/** How soon an ascent comes to a stationary point of the loss. */

/**
 * Number of steps after which the relative FOSC is first at or below the tolerance; infinite where it never is. The
 * trace begins with the start itself.
 */
export function stepsToStationary(relativeFosc: ArrayLike<number>, tolerance: number): number {
  const reached = Array.from(relativeFosc).findIndex((value) => value <= tolerance);
  return reached === -1 ? Infinity : reached;
}
