/** Connects to Temporal, waiting for a server that is still starting. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { UserError } from '../experiment/errors.js';
import { nativeOptions } from '../settings/connections/temporal-client.js';
import type { TemporalSettings } from '../settings/settings.js';

const intervalMs = 1000;
const hint = './isthmus up starts the local one; TEMPORAL_ADDRESS names another';

export async function connectToTemporal(
  settings: TemporalSettings,
  patienceMs: number,
  signal: AbortSignal,
): Promise<NativeConnection> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await NativeConnection.connect(nativeOptions(settings));
    } catch (cause) {
      if (performance.now() > deadlineMs) {
        const message = `no Temporal server answers at ${settings.address}`;
        throw new UserError('dependency-down', message, { cause, hint });
      }
      await sleep(intervalMs, undefined, { signal });
    }
  }
}
