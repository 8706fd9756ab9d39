/** Tells processes apart by id and start time, so that a recycled id is never taken for, or killed as, one of ours. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, from /proc. */
  readonly startTicks: number;
}

/** Fields of /proc/PID/stat after the name, which is in parentheses and may itself hold anything. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // ended meanwhile
  }
}

function threads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0; // ended meanwhile
  }
}

/**
 * Undefined where no such process runs. A zombie has ended, but only once its other threads have: until then a
 * killed process still holds its ports.
 */
export function identify(pid: number): ProcessIdentity | undefined {
  const fields = statFields(pid);
  if (fields === undefined || (fields[0] === 'Z' && threads(pid) <= 1)) return undefined;
  return { pid, startTicks: Number(fields[19]) };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTicks === identity.startTicks;
}

async function ended(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) {
    if (!isRunning(identity)) return true;
  }
  return !isRunning(identity);
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks with `name`, then kills the whole process group. Says whether it had to kill. */
export async function stopProcess(
  identity: ProcessIdentity,
  name: NodeJS.Signals,
  timeoutMs: number,
): Promise<'stopped' | 'killed'> {
  if (isRunning(identity)) signal(identity.pid, name);
  if (await ended(identity, timeoutMs)) return 'stopped';
  signal(-identity.pid, 'SIGKILL');
  await ended(identity, 5_000);
  return 'killed';
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // ended meanwhile, or another user's
  }
}

function processesIn(folder: string): readonly ProcessIdentity[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => workingFolder(pid) === folder)
    .flatMap((pid) => identify(pid) ?? []);
}

/** Children outlive a killed parent for a moment: waits until none works in `folder`, then kills what is left. */
export async function clearFolder(folder: string, timeoutMs: number): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(50)) {
    if (processesIn(folder).length === 0) return;
  }
  for (const left of processesIn(folder)) await stopProcess(left, 'SIGQUIT', 2_000);
}
