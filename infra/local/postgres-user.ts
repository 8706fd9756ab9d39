/** Chooses the user to run Postgres under, which refuses to run as root. */
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { promisify } from 'node:util';
import { UserError } from '../../experiment/errors.js';

const run = promisify(execFile);

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Put before the command; `owner` is who must own its files, undefined where they can only be the caller's. */
export interface PostgresUser {
  readonly prefix: readonly string[];
  readonly owner: Owner | undefined;
}

const root: Owner = { uid: 0, gid: 0 };

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

/** The program and the home must be in that user's reach, too. */
export async function choosePostgresUser(program: string, home: string): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { prefix: [], owner: undefined };
  const reach = ['test', '-r', program, '-a', '-x', home];
  if (await succeeds([...namespace, ...reach])) return { prefix: namespace, owner: root };
  const system = await systemUser();
  if (system !== undefined) {
    // It has to pass through the home; the files there stay closed.
    chmodSync(home, 0o711);
    if (await succeeds([...system.prefix, ...reach])) return system;
  }
  throw new UserError(
    'failed',
    'Postgres refuses to run as root, and here root has neither user namespaces nor a user `postgres` who can reach this clone',
    { hint: 'run as an ordinary user, or allow user namespaces' },
  );
}
