/** Training ended because its loss is no longer a number: an outcome of the run, not a fault. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly step: number;

  constructor(step: number, loss: number) {
    super(`the loss became ${loss} at step ${step}; lower the learning rate`);
    this.step = step;
  }
}
