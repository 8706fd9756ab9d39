/** `pause` and `unpause`: whether waiting runs of an experiment may start. */
import { loadSettings } from '../../settings/settings.js';
import { wakeBatches } from '../experiments/batches.js';
import { printJson, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { matchRuns, type MatchOptions } from '../experiments/match-runs.js';
import { withStore } from '../connections/store.js';
import { withTemporal, workflowStatus } from '../connections/temporal.js';

export function pause(context: Context, text: string, options: MatchOptions): Promise<ExitCode> {
  return hold(context, text, options, true);
}

export function unpause(context: Context, text: string, options: MatchOptions): Promise<ExitCode> {
  return hold(context, text, options, false);
}

async function hold(
  context: Context,
  text: string,
  { match }: MatchOptions,
  held: boolean,
): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    const { id } = await findExperiment(store, text);
    const rows = await matchRuns(store, id, match);
    return withTemporal(settings.temporal, async (client) => {
      const running = (await workflowStatus(client, id)) === 'RUNNING';
      const keys = rows.map(({ run }) => run.key);
      const runs = running ? await store.holdRuns(id, keys, held) : 0;
      if (running) await wakeBatches(client, id);
      if (context.json) printJson(context, { id, runs, [held ? 'paused' : 'unpaused']: runs });
      context.say(
        running ? told(id, runs, held) : `${id} does not run: there is nothing to ${verb(held)}`,
      );
      context.next(`status ${id}`, held ? `unpause ${id}` : `watch ${id}`);
      return exitCodes.ok;
    });
  });
}

function verb(held: boolean): string {
  return held ? 'pause' : 'unpause';
}

function told(id: string, runs: number, held: boolean): string {
  const count = `${runs} run${runs === 1 ? '' : 's'} of ${id}`;
  return held ? `${count} wait until unpaused; those at work go on` : `${count} may start`;
}
