/** Refusals of a user's files: one line with the file and what is wrong with it. */
import { UserError } from '../../../experiment/errors.js';
import { FormatError } from '../../formats/format-error.js';

export function refusal(place: string, what: string, cause?: unknown): UserError {
  return new UserError('bad-input', `${place}: ${what}`, { cause });
}

/** An error in bytes, or in reading them, becomes a line about the file; anything else stays as it is. */
export async function about<T>(place: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw named(place, cause);
  }
}

function named(place: string, cause: unknown): unknown {
  if (cause instanceof FormatError) return refusal(place, cause.message, cause);
  if (!(cause instanceof Error) || !('code' in cause) || cause instanceof UserError) return cause;
  if (cause.code === 'ENOENT') return refusal(place, 'there is no such file or folder', cause);
  const system = typeof cause.code === 'string' && 'syscall' in cause;
  return system ? refusal(place, `cannot be read: ${cause.message.split(', ')[0]}`, cause) : cause;
}
