/** Thread beside the engine: kills the process once it has been handed to another parent. */
import { workerData } from 'node:worker_threads';
import { z } from 'zod';

const { parent } = z.object({ parent: z.int() }).parse(workerData);
const intervalMs = 250;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, intervalMs);
