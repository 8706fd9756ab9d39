/** `psql`: Postgres's own terminal on the results, as a role that may only read. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { UserError } from '../../experiment/errors.js';
import { libpqVariables } from '../../settings/connections/libpq.js';
import { loadReaderUrl } from '../../settings/settings.js';
import type { Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';

export async function psql(context: Context, args: readonly string[]): Promise<ExitCode> {
  // In variables: arguments of a process are there for everyone to read.
  const env = { ...context.env, ...libpqVariables(loadReaderUrl(context.env)) };
  const child = spawn('psql', args, { env, stdio: 'inherit' });
  const ended = await once(child, 'close').catch((cause: unknown) => {
    throw new UserError('failed', 'psql is not installed', {
      cause,
      hint: 'apt install postgresql-client, or ./isthmus sql "select ..."',
    });
  });
  return ended[0] === 0 ? exitCodes.ok : exitCodes.error;
}
