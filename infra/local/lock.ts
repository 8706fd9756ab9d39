/** One `up` or `down` of a home at a time: the kernel holds the lock and drops it when its holder dies. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../experiment/errors.js';

const patienceMs = 180_000;

/** An abstract socket: no file to go stale. */
function lockName(folder: string): string {
  const id = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32);
  return `\0isthmus-stack-${id}`;
}

function tryLock(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server));
  });
}

async function acquire(folder: string, say: (line: string) => void): Promise<Server> {
  const deadline = Date.now() + patienceMs;
  for (let told = false; Date.now() < deadline; told = true) {
    const lock = await tryLock(lockName(folder));
    if (lock !== undefined) return lock;
    if (!told) say(`waiting for another up or down of ${folder}`);
    await sleep(200);
  }
  throw new UserError('failed', `another up or down of ${folder} has not ended after 3 minutes`);
}

export async function withLock<T>(
  folder: string,
  say: (line: string) => void,
  action: () => Promise<T>,
): Promise<T> {
  const lock = await acquire(folder, say);
  try {
    return await action();
  } finally {
    lock.close();
  }
}
