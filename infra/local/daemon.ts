/** Starts a part as a detached process with a log, records its identity, and finds it again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../experiment/errors.js';
import { makePrivateFolder } from '../../settings/local/secrets.js';
import { logPath, type Command, type Part, type PartName } from './part.js';
import { identify, isRunning, type ProcessIdentity } from './processes.js';

const recordSchema = z.object({
  pid: z.int(),
  startTicks: z.int(),
  fingerprint: z.string(),
  /** Absent: its part's own, or started by an earlier release. */
  stopTimeoutMs: z.number().optional(),
});
export type DaemonRecord = Readonly<z.infer<typeof recordSchema>>;

function recordPath(home: string, name: PartName): string {
  return join(home, 'pids', `${name}.json`);
}

/** Equal for commands that would start the same server. */
export function fingerprint(command: Command): string {
  const identity = JSON.stringify([command.file, command.args, command.cwd, command.revision]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 16);
}

/** The running process of a part; undefined where it was never started, has ended, or its id is another's now. */
export function findDaemon(home: string, name: PartName): DaemonRecord | undefined {
  const path = recordPath(home, name);
  if (!existsSync(path)) return undefined;
  const parsed = recordSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success && isRunning(parsed.data) ? parsed.data : undefined;
}

export function forgetDaemon(home: string, name: PartName): void {
  rmSync(recordPath(home, name), { force: true });
}

function writeRecord(home: string, name: PartName, record: DaemonRecord): void {
  const path = recordPath(home, name);
  writeFileSync(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** `detached` gives it a session of its own: closing the terminal, or Ctrl-C in it, does not reach it. */
function spawnDetached(command: Command, log: number): ChildProcess {
  const { file, args, cwd, env } = command;
  return spawn(file, args, { cwd, env: { ...env }, detached: true, stdio: ['ignore', log, log] });
}

function started(child: ChildProcess, title: string): Promise<ProcessIdentity> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new UserError('failed', `${title} could not be started: ${cause.message}`, { cause })),
    );
    child.once('spawn', () => {
      const { pid } = child;
      const identity = pid === undefined ? undefined : identify(pid);
      if (identity === undefined) reject(new UserError('failed', `${title} ended at once`));
      else resolve(identity);
    });
  });
}

export async function startDaemon(
  home: string,
  part: Part,
  command: Command,
): Promise<DaemonRecord> {
  makePrivateFolder(join(home, 'logs'));
  makePrivateFolder(join(home, 'pids'));
  const log = openSync(logPath(home, part.name), 'a', 0o600);
  try {
    const child = spawnDetached(command, log);
    const identity = await started(child, part.title);
    child.unref();
    const { stopTimeoutMs } = command;
    const record = { ...identity, fingerprint: fingerprint(command), stopTimeoutMs };
    writeRecord(home, part.name, record);
    return record;
  } finally {
    closeSync(log);
  }
}
