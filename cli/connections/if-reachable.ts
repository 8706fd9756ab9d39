/** Queries a service that may be down, where the command can do without it. */
import { UserError } from '../../experiment/errors.js';

export type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Other mistakes than a missing dependency are thrown on. */
export async function attempt<T>(ask: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (error) {
    if (!(error instanceof UserError) || error.kind !== 'dependency-down') throw error;
    return { ok: false, reason: error.message };
  }
}
