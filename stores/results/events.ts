/** Event log, written in the transaction of the change that it records. */
import type { Transaction } from './queries.js';

export interface NewEvent {
  readonly experimentId?: string;
  readonly runKey?: string;
  readonly type:
    | 'experiment.registered'
    | 'experiment.paused'
    | 'experiment.unpaused'
    | 'experiment.state'
    | 'run.attempt'
    | 'run.done'
    | 'run.ended'
    | 'run.unstarted';
  readonly data: Readonly<Record<string, unknown>>;
}

export async function recordEvents(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO event (experiment, run, type, data)
    SELECT "experimentId", "runKey", type, data
    FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb)
      AS told ("experimentId" text, "runKey" text, type text, data jsonb)`;
}
