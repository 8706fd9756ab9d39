/** Watches an experiment until it ends or the user detaches. */
import type { Client } from '@temporalio/client';
import type { ResultsStore } from '../../stores/results/results-store.js';
import type { Context } from '../terminal/context.js';
import { follow, type FollowEnd } from './follow.js';
import { withInterrupts } from '../terminal/interrupts.js';
import { createProgress } from './progress.js';

export async function watchToEnd(
  context: Context,
  client: Client,
  store: ResultsStore,
  experiment: string,
): Promise<FollowEnd> {
  const progress = await createProgress(context);
  return withInterrupts((signal) => follow(client, store, experiment, progress, signal));
}
