/** The log of what happened, written in the transaction that made it happen. */
import type { Prisma } from '#prisma';
import type { Transaction } from './database.js';

export interface NewEvent {
  readonly experimentId?: string;
  readonly runKey?: string;
  readonly type:
    | 'experiment.registered'
    | 'experiment.state'
    | 'run.attempt'
    | 'run.done'
    | 'run.ended'
    | 'run.unstarted';
  readonly data: Prisma.InputJsonObject;
}

export async function recordEvents(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
  await tx.event.createMany({ data: [...events] });
}
