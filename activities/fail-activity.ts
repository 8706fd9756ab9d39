/** Runs database work and reports its failure to Temporal by type, in one line. */
import { ApplicationFailure, log } from '@temporalio/activity';
import { failureFrom } from '../engine/failures.js';

export async function failActivity<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { type, message } = failureFrom(error);
    log.warn('a control activity failed', { type, error });
    throw ApplicationFailure.retryable(message, type);
  }
}
