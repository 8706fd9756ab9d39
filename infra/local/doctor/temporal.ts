/** Checks Temporal by the client of the commands and by the connection of a worker, and finds which part of TLS fails. */
import { connect } from 'node:tls';
import { UserError } from '../../../experiment/errors.js';
import { addressHost } from '../../../settings/connections/proxy.js';
import { clientOptions, nativeOptions } from '../../../settings/connections/temporal-client.js';
import type { TemporalSettings } from '../../../settings/settings.js';
import { check, failed, remedy, type Check } from './check.js';

const patienceMs = 10_000;
const defaultPort = 7233;

async function describeNamespace(settings: TemporalSettings): Promise<void> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({
    ...clientOptions(settings),
    connectTimeout: patienceMs,
  });
  try {
    const { namespace } = settings;
    await connection.workflowService.describeNamespace({ namespace });
  } finally {
    await connection.close();
  }
}

async function connectAsWorker(settings: TemporalSettings): Promise<void> {
  const { NativeConnection } = await import('@temporalio/worker');
  const connection = await NativeConnection.connect(nativeOptions(settings));
  await connection.close();
}

/** Undefined where TLS works or is not used: "failed to connect before the deadline" says nothing of certificates. */
async function tlsTrouble(settings: TemporalSettings): Promise<string | undefined> {
  const { address, tls, apiKey, proxy } = settings;
  if (tls === false || (tls === undefined && apiKey === undefined) || proxy !== undefined) return;
  const own = typeof tls === 'object' ? tls : {};
  const pair = own.clientCertPair;
  const host = addressHost(address);
  const port = Number(/:(\d+)$/.exec(address)?.[1] ?? defaultPort);
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host, port, servername: own.serverNameOverride ?? host, ALPNProtocols: ['h2'] },
      ...(own.serverRootCACertificate && { ca: Buffer.from(own.serverRootCACertificate) }),
      ...(pair && { cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) }),
      timeout: patienceMs,
    });
    const end = (said: string | undefined): void => {
      resolve(said);
      socket.destroy();
    };
    socket.on('error', (error: Error) => end(`TLS: ${error.message || error.name}`));
    socket.on('timeout', () => end('TLS: no answer'));
    // A server that wants another client certificate says so after its own part is done.
    socket.on('secureConnect', () => setTimeout(() => end(undefined), 500));
  });
}

/** The reason in full, where the client gives none. */
async function explain(settings: TemporalSettings, error: unknown): Promise<never> {
  const trouble = await tlsTrouble(settings);
  if (trouble === undefined) throw error;
  throw new UserError('dependency-down', `${settings.address}: ${trouble}`, { cause: error });
}

export function checkTemporal(
  settings: TemporalSettings,
  variable: string | undefined,
): readonly Promise<Check>[] {
  const { address, namespace, uiUrl, proxy } = settings;
  const hint = remedy(variable);
  const way = proxy === undefined ? '' : ` through the proxy ${proxy.targetHost}`;
  return [
    check('Temporal namespace', hint, async () => {
      await describeNamespace(settings).catch((error: unknown) => explain(settings, error));
      return `${address} serves the namespace ${namespace}${way}`;
    }),
    check('Temporal from a worker', hint, async () => {
      await connectAsWorker(settings).catch((error: unknown) => explain(settings, error));
      return `${address}${way}`;
    }),
    check('Temporal UI', hint, async () => {
      const answer = await fetch(uiUrl);
      await answer.body?.cancel();
      return answer.ok ? uiUrl : failed('Temporal UI', `${uiUrl} answers ${answer.status}`, hint);
    }),
  ];
}
