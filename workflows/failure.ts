/** What the failure of an activity says about the run that it carried out. */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { failureTypes, type RunFailure } from '../experiment/records/records.js';

export function failureOf(error: unknown): RunFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const type = failureTypes.find((known) => known === cause.type) ?? 'crashed';
    return { type, message: cause.message };
  }
  if (cause instanceof TimeoutFailure) {
    return { type: 'timeout', message: `no sign of life from the worker (${cause.message})` };
  }
  return { type: 'crashed', message: cause instanceof Error ? cause.message : String(cause) };
}
