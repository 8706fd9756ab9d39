/** One set-up of a clone at a time: the kernel holds the lock and drops it when its holder dies. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './paths.mjs';
import { say } from './progress.mjs';

function tryLock(name) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(name, () => resolve(server));
  });
}

/** An abstract socket: no file to go stale. */
async function acquire() {
  const id = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 32);
  for (let told = false; ; told = true) {
    const lock = await tryLock(`\0isthmus-setup-${id}`);
    if (lock !== undefined) return lock;
    if (!told) say('waiting for another set-up of this clone');
    await sleep(300);
  }
}

export async function withLock(action) {
  const lock = await acquire();
  try {
    return await action();
  } finally {
    lock.close();
  }
}
