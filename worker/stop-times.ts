/** Divides a worker's stop budget, counted from SIGTERM. */

export interface StopTimes {
  /** Until then an engine may save its checkpoint; then it is killed. */
  readonly engineGraceMs: number;
  /** Until then the rows of its runs may say how they ended; then the Temporal worker gives them up. */
  readonly forceMs: number;
  /** The process ends, whatever still waits. */
  readonly exitMs: number;
}

export function stopTimes(budgetMs: number): StopTimes {
  return { engineGraceMs: budgetMs - 4000, forceMs: budgetMs - 2000, exitMs: budgetMs };
}
