/** Which part of TLS fails is told by doctor: the clients themselves only say that they could not connect in time. */
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkTemporal } from '../../infra/local/doctor/temporal.js';
import type { TemporalSettings } from '../../settings/settings.js';

const pem = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../stores/fixtures/tls/${name}`, import.meta.url)));
const server = createServer({
  ...{ key: pem('server-key.pem'), cert: pem('server.pem'), ALPNProtocols: ['h2'] },
});
server.on('connection', (socket: Socket) => socket.on('error', () => undefined));
server.on('tlsClientError', () => undefined);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

test.each<[string, TemporalSettings['tls'], RegExp]>([
  ['an authority that is not trusted', true, /TLS: unable to/],
  [
    'another name than the certificate has',
    { serverRootCACertificate: pem('authority.pem'), serverNameOverride: 'temporal.example' },
    /TLS: .*(altnames|temporal\.example)/,
  ],
])(
  '%s',
  async (_, tls, message) => {
    const { port } = server.address() as AddressInfo;
    const address = `localhost:${port}`;
    const settings = { address, namespace: 'default', uiUrl: 'http://127.0.0.1:1', tls };
    const checks = await Promise.all(checkTemporal(settings, 'TEMPORAL_ADDRESS'));
    for (const name of ['Temporal namespace', 'Temporal from a worker']) {
      const found = checks.find((check) => check.name === name)!;
      expect(found).toMatchObject({
        ok: false,
        hint: 'see that TEMPORAL_ADDRESS is right and its service runs',
      });
      expect(found.detail).toMatch(message);
    }
  },
  60_000,
);
