/** Brings one part up: leaves a running healthy one alone, restarts one that hangs or is out of date, waits for health. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../experiment/errors.js';
import { findDaemon, fingerprint, startDaemon, type DaemonRecord } from './daemon.js';
import { logPath, type Health, type Part, type Say, type Stack } from './part.js';
import { isRunning, stopProcess } from './processes.js';

const lastLines = 5;

function logTail(path: string): string {
  if (!existsSync(path)) return '';
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lastLines).join('\n');
}

function startFailure(stack: Stack, part: Part, reason: string): UserError {
  const path = logPath(stack.home, part.name);
  return new UserError('dependency-down', `${part.title} did not start: ${reason}`, {
    hint: `the end of ${path}:\n${logTail(path)}`,
  });
}

async function untilHealthy(stack: Stack, part: Part, running: DaemonRecord): Promise<Health> {
  const deadline = Date.now() + part.startTimeoutMs;
  for (;;) {
    const health = await part.health(stack, running.pid);
    // Checked after its health: whatever answered was not a dead process's successor.
    if (!isRunning(running)) throw startFailure(stack, part, 'it ended at once');
    if (health.state === 'up') return health;
    if (Date.now() > deadline) throw startFailure(stack, part, health.detail);
    await sleep(100);
  }
}

/** Why a running part cannot stay as it is; undefined where it can. */
async function restartReason(
  stack: Stack,
  part: Part,
  running: DaemonRecord,
  wanted: string,
): Promise<string | undefined> {
  if (running.fingerprint !== wanted) return 'its settings or its program changed';
  const health = await part.health(stack, running.pid);
  return health.state === 'up' ? undefined : health.detail;
}

function place(stack: Stack, part: Part): string {
  const address = part.address(stack);
  return address === undefined ? '' : ` on ${address}`;
}

async function start(stack: Stack, part: Part, say: Say): Promise<void> {
  const startedAt = Date.now();
  await part.prepare(stack);
  const running = await startDaemon(stack.home, part, await part.command(stack));
  const { detail } = await untilHealthy(stack, part, running);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  say(`${part.title}: up${place(stack, part)} in ${seconds} s (${detail})`);
}

export async function ensurePart(stack: Stack, part: Part, say: Say): Promise<void> {
  const running = findDaemon(stack.home, part.name);
  if (running === undefined) return start(stack, part, say);
  const wanted = fingerprint(await part.command(stack));
  const reason = await restartReason(stack, part, running, wanted);
  if (reason === undefined) {
    say(`${part.title}: already up${place(stack, part)}`);
    return;
  }
  say(`${part.title}: restarting, because ${reason}`);
  await stopProcess(running, part.stopSignal, running.stopTimeoutMs ?? part.stopTimeoutMs);
  await start(stack, part, say);
}
