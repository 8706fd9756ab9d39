/** `watch`: follows a running experiment to its end. */
import { loadSettings } from '../../settings/settings.js';
import { conclude } from '../results/conclude.js';
import type { Context } from '../terminal/context.js';
import type { ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { withStore } from '../connections/store.js';
import { withTemporal, workflowStatus } from '../connections/temporal.js';
import { watchToEnd } from '../watch/watch-to-end.js';

export async function watch(context: Context, text: string): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    const { id } = await findExperiment(store, text);
    return withTemporal(settings.temporal, async (client) => {
      const running = (await workflowStatus(client, id)) === 'RUNNING';
      const end = running ? await watchToEnd(context, client, store, id) : 'settled';
      return conclude(context, store, id, end);
    });
  });
}
