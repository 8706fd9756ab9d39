/** The engine's end of the channel to its worker. */
import { z } from 'zod';
import type { EngineCommand } from '../../experiment/records/records.js';
import type { Channel } from './serve-jobs.js';

/** The job comes from the worker that started this very process; its build is the same. */
const command = z.custom<EngineCommand>(
  (value) =>
    z
      .discriminatedUnion('type', [
        z.object({ type: z.literal('run'), job: z.object({}) }),
        z.object({ type: z.enum(['hold', 'go']) }),
      ])
      .safeParse(value).success,
);

export const workerChannel: Channel = {
  send: (message) =>
    new Promise((resolve) => {
      // A worker that is gone hears nothing; the orphan watch ends this process.
      if (!process.connected || !process.send) return resolve();
      process.send(message, undefined, {}, () => resolve());
    }),
  receive: (handle) => void process.on('message', (value) => handle(command.parse(value))),
};
