/** Postgres refuses to run as root: as root, decides whose eyes it runs under. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UserError } from '../../experiment/errors.js';

const run = promisify(execFile);

/** Put before the command; `owner` is who must own its files. */
export interface PostgresUser {
  readonly prefix: readonly string[];
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

async function succeeds(command: readonly string[]): Promise<boolean> {
  const [file = '', ...args] = command;
  return run(file, args).then(
    () => true,
    () => false,
  );
}

/** A user namespace in which root's own files belong to an ordinary user. */
const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];

async function systemUser(): Promise<PostgresUser | undefined> {
  try {
    const uid = Number((await run('id', ['-u', 'postgres'])).stdout);
    const gid = Number((await run('id', ['-g', 'postgres'])).stdout);
    const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    return { prefix, owner: { uid, gid } };
  } catch {
    return undefined; // no such user
  }
}

/** `readable` must be in that user's reach, too. */
export async function choosePostgresUser(readable: string): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { prefix: [], owner: undefined };
  if (await succeeds([...namespace, 'test', '-r', readable])) {
    return { prefix: namespace, owner: undefined };
  }
  const system = await systemUser();
  if (system !== undefined && (await succeeds([...system.prefix, 'test', '-r', readable]))) {
    return system;
  }
  throw new UserError(
    'failed',
    'Postgres refuses to run as root, and here root has neither user namespaces nor a user `postgres` who can read this clone',
    { hint: 'run as an ordinary user, or allow user namespaces' },
  );
}
