/** Classifies errors into failure types, each with a one-line message. */
import { UserError } from '../experiment/errors.js';
import type { FailureType, RunFailure } from '../experiment/records/records.js';
import { NotReachedError } from '../numerics/tampering/injection/not-reached.js';
import { DivergedError } from '../numerics/optimise/diverged.js';
import { CatastrophicOverfittingError } from '../numerics/training/overfitting-check.js';

/** A failure whose kind is known already. */
export class FailedRunError extends Error {
  override readonly name = 'FailedRunError';
  readonly failure: RunFailure;

  constructor(failure: RunFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

const longestMessage = 500;
const outOfMemory =
  /OOM when allocating|out of memory|bad_alloc|ENOMEM|Array buffer allocation failed/i;

const diskFull = /ENOSPC|EDQUOT|EFBIG|No space left on device|Disk quota exceeded|File too large/;

export function failureFrom(error: unknown): RunFailure {
  if (error instanceof FailedRunError) return error.failure;
  return {
    type: classifyError(error),
    message: oneLine(error instanceof Error ? error.message : error),
  };
}

function oneLine(text: unknown): string {
  const line = String(text).trim().split('\n', 1)[0]!.trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage - 1)}…` : line;
}

function classifyError(error: unknown): FailureType {
  if (error instanceof DivergedError || error instanceof CatastrophicOverfittingError)
    return 'diverged';
  if (error instanceof NotReachedError) return 'not-reached';
  if (error instanceof UserError) {
    if (error.kind === 'dependency-down') return 'dependency-down';
    return error.kind === 'bad-input' || error.kind === 'usage' ? 'bad-input' : 'crashed';
  }
  if (diskFull.test(String(error))) return 'disk-full';
  return outOfMemory.test(String(error)) ? 'out-of-memory' : 'crashed';
}
