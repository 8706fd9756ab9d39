/** Stops the running parts of a local stack, the worker first; keeps the data. */
import { existsSync } from 'node:fs';
import { homeFolder } from '../../settings/settings.js';
import { readVariables, type Environment } from '../../settings/variables.js';
import { findDaemon, forgetDaemon } from './daemon.js';
import { withLock } from './lock.js';
import type { Part, Say } from './part.js';
import { parts, servers } from './parts.js';
import { stopProcess } from './processes.js';

async function stopPart(home: string, part: Part, say: Say): Promise<boolean> {
  const running = findDaemon(home, part.name);
  if (running === undefined) {
    forgetDaemon(home, part.name);
    return false;
  }
  const { stopTimeoutMs = part.stopTimeoutMs } = running;
  const how = await stopProcess(running, part.stopSignal, stopTimeoutMs);
  forgetDaemon(home, part.name);
  const seconds = stopTimeoutMs / 1000;
  say(`${part.title}: ${how === 'killed' ? `killed, it did not stop in ${seconds} s` : 'stopped'}`);
  return true;
}

export async function down(env: Environment, say: Say): Promise<void> {
  const home = homeFolder(readVariables(env));
  if (!existsSync(home)) return say(`nothing runs: there is no stack in ${home}`);
  await withLock(home, say, async () => {
    const others = parts.filter((part) => !servers.includes(part));
    const first = await Promise.all(others.map((part) => stopPart(home, part, say)));
    const then = await Promise.all(servers.map((part) => stopPart(home, part, say)));
    const stopped = [...first, ...then].includes(true);
    say(stopped ? `the data stays in ${home}` : 'nothing was running');
  });
}
