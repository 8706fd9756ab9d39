/** Connects to Temporal, waiting for a server that is still starting. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { UserError } from '../experiment/errors.js';

const intervalMs = 1000;

export async function connectToTemporal(
  address: string,
  patienceMs: number,
  signal: AbortSignal,
): Promise<NativeConnection> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch (cause) {
      if (performance.now() > deadlineMs) {
        const message = `no Temporal server answers at ${address}`;
        throw new UserError('dependency-down', message, { cause, hint: './isthmus up' });
      }
      await sleep(intervalMs, undefined, { signal });
    }
  }
}
