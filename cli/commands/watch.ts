/** `watch`: follows a running experiment to its end. */
import { loadSettings } from '../../infra/settings.js';
import { conclude } from '../conclude.js';
import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { findExperiment } from '../find-experiment.js';
import { withStore } from '../store.js';
import { withTemporal, workflowStatus } from '../temporal.js';
import { watchToEnd } from '../watch-to-end.js';

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
