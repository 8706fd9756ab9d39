/** Reads the failure of a run from that of its activity. */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { failureTypes, type RunFailure } from '../experiment/records/records.js';
import { unknownActivity } from './options.js';

export function toRunFailure(error: unknown): RunFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const type = failureTypes.find((known) => known === cause.type) ?? 'crashed';
    return { type, message: cause.message };
  }
  if (cause instanceof TimeoutFailure) {
    return { type: 'timeout', message: `the worker stopped sending heartbeats (${cause.message})` };
  }
  return { type: 'crashed', message: cause instanceof Error ? cause.message : String(cause) };
}

/** The worker that took it is older than its activity type. */
export function isUnknownActivity(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.type === unknownActivity;
}
