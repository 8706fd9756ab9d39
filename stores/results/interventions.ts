/** Pause, unpause and cancel individual runs of a running experiment. */
import type { RunKey } from '../../experiment/records/runs.js';
import type { Database } from './queries.js';
import { recordEvents } from './events.js';
import { markRows } from './unstarted.js';

export async function holdRuns(
  db: Database,
  experiment: string,
  keys: readonly RunKey[],
  held: boolean,
): Promise<number> {
  return db.$transaction(async (tx) => {
    const changed = await tx.$executeRaw`
      UPDATE experiment_run SET held = ${held}
      FROM run
      WHERE experiment = ${experiment} AND experiment_run.run = ANY(${[...keys]}::text[]) AND run.key = experiment_run.run
        AND outcome IS NULL AND (batch IS NULL OR run.state <> 'running') AND held <> ${held}`;
    const type = held ? 'experiment.paused' : 'experiment.unpaused';
    await recordEvents(tx, [{ experimentId: experiment, type, data: { runs: changed } }]);
    return changed;
  });
}

/** Dependent runs are marked when the batch next asks for runs. */
export async function cancelRuns(
  db: Database,
  experiment: string,
  keys: readonly RunKey[],
): Promise<readonly RunKey[]> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT FROM experiment WHERE id = ${experiment} FOR NO KEY UPDATE`;
    const waiting = await tx.$queryRaw<{ run: RunKey }[]>`
      UPDATE experiment_run SET outcome = 'cancelled'
      WHERE experiment = ${experiment} AND run = ANY(${[...keys]}::text[])
        AND outcome IS NULL AND batch IS NULL
      RETURNING run`;
    await markRows(
      tx,
      waiting.map(({ run }) => run),
      'cancelled',
      'cancelled by name',
    );
    const inHand = await tx.$queryRaw<{ run: RunKey }[]>`
      SELECT run FROM experiment_run
      WHERE experiment = ${experiment} AND run = ANY(${[...keys]}::text[])
        AND outcome IS NULL AND batch IS NOT NULL`;
    return inHand.map(({ run }) => run);
  });
}
