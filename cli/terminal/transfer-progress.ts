/** Progress of a download: one live line on a terminal, a line per 10 % elsewhere. */
import { createLogUpdate } from 'log-update';
import type { Context } from './context.js';

export interface TransferProgress {
  readonly bytes: (done: number) => void;
  readonly end: () => void;
}

export function transferProgress(context: Context, name: string, total: number): TransferProgress {
  const told = (done: number): string =>
    `${name}  ${Math.floor((100 * done) / total)} %  of ${(total / 1e6).toFixed(1)} MB`;
  if (!context.stderr.isTTY) {
    let tenth = 0;
    return {
      bytes(done) {
        const now = Math.floor((10 * done) / total);
        if (now > tenth) context.say(told(done));
        tenth = Math.max(tenth, now);
      },
      end: () => undefined,
    };
  }
  const line = createLogUpdate(context.stderr);
  let percent = -1;
  return {
    bytes(done) {
      const now = Math.floor((100 * done) / total);
      if (now > percent) line(told(done));
      percent = Math.max(percent, now);
    },
    end: () => line.done(),
  };
}
