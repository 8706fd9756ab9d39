/** A search ended without what it searched for: an outcome of the run, not a fault. */
export class NotReachedError extends Error {
  override readonly name = 'NotReachedError';
}
