/** A deployment's variables are each honoured or refused; those of other programs change nothing of the local stack. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { isLoopback, proxyFor } from '../../settings/connections/proxy.js';
import { loadDatabases, loadS3, loadSettings } from '../../settings/settings.js';
import { readDatabaseUrl } from '../../settings/connections/database-url.js';
import { stackEnv } from '../stack.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-connections-'));
afterAll(() => rmSync(folder, { recursive: true }));
const authority = fileURLToPath(new URL('../stores/fixtures/tls/authority.pem', import.meta.url));

type Env = Readonly<Record<string, string>>;
const usage = expect.objectContaining({ kind: 'usage' });

describe('S3', () => {
  const bucket = { ISTHMUS_S3_BUCKET: 'checkpoints' };
  const keys = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'hunter2' };

  test.each<[Env, object]>([
    [keys, { accessKeyId: 'AKIA', secretAccessKey: 'hunter2', endpoint: undefined }],
    [{ ...keys, AWS_SESSION_TOKEN: 'token' }, { sessionToken: 'token' }],
    [{}, { accessKeyId: undefined, secretAccessKey: undefined, region: undefined }],
    [{ AWS_PROFILE: 'lab' }, { accessKeyId: undefined }],
    [{ AWS_DEFAULT_REGION: 'eu-north-1' }, { region: 'eu-north-1' }],
    [{ AWS_DEFAULT_REGION: 'eu-north-1', AWS_REGION: 'eu-west-1' }, { region: 'eu-west-1' }],
    [{ AWS_ENDPOINT_URL: 'http://a:1' }, { endpoint: 'http://a:1', forcePathStyle: true }],
    [{ AWS_ENDPOINT_URL: 'http://a:1', AWS_ENDPOINT_URL_S3: 'http://b' }, { endpoint: 'http://b' }],
    [
      { AWS_ENDPOINT_URL_S3: 'http://b', ISTHMUS_S3_ENDPOINT: 'http://c' },
      { endpoint: 'http://c', region: 'us-east-1' },
    ],
    [
      { AWS_ENDPOINT_URL: 'http://a', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      { endpoint: undefined },
    ],
    [{ AWS_CA_BUNDLE: authority }, { caBundle: authority }],
    [{ AWS_MAX_ATTEMPTS: '2' }, { maxAttempts: 2 }],
  ])('%j is honoured', (env, settings) => {
    expect(loadS3({ ...bucket, ...env })).toMatchObject(settings);
  });

  test.each<[Env, RegExp]>([
    [{ ISTHMUS_S3_ENDPOINT: 'minio:9000' }, /^ISTHMUS_S3_ENDPOINT: no scheme; write http:\/\//],
    [{ ISTHMUS_S3_ENDPOINT: 'localhost:9000' }, /no scheme/],
    [{ AWS_ENDPOINT_URL: 'minio:9000' }, /^AWS_ENDPOINT_URL: no scheme/],
    [{ ISTHMUS_S3_ENDPOINT: 'http://key:hunter2@minio' }, /holds credentials/],
    [{ ISTHMUS_S3_BUCKET: 's3://checkpoints' }, /not the name of a bucket/],
    [{ AWS_ACCESS_KEY_ID: 'AKIA' }, /needs AWS_SECRET_ACCESS_KEY/],
    [{ AWS_SECRET_ACCESS_KEY: 'hunter2' }, /needs AWS_ACCESS_KEY_ID/],
    [{ AWS_SESSION_TOKEN: 'hunter2' }, /needs the two keys/],
    [{ ...keys, AWS_PROFILE: 'lab' }, /AWS_PROFILE and AWS_ACCESS_KEY_ID are both set/],
    [{ AWS_CA_BUNDLE: '/nowhere.pem' }, /AWS_CA_BUNDLE: \/nowhere.pem: ENOENT/],
    [{ AWS_MAX_ATTEMPTS: 'many' }, /AWS_MAX_ATTEMPTS/],
    [
      { ISTHMUS_S3_ENDPOINT: 'http://minio', AWS_USE_FIPS_ENDPOINT: 'true' },
      /AWS_USE_FIPS_ENDPOINT chooses among/,
    ],
  ])('%j is refused', (env, message) => {
    const load = (): unknown => loadS3({ ...bucket, ...env });
    expect(load).toThrow(usage);
    expect(load).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }));
    expect(load).not.toThrow('hunter2');
  });

  test('a bundle without a certificate is refused', () => {
    const path = join(folder, 'empty.pem');
    writeFileSync(path, 'nothing');
    expect(() => loadS3({ ...bucket, AWS_CA_BUNDLE: path })).toThrow('holds no certificate');
  });

  test('an endpoint without a bucket names what is missing', () => {
    expect(() => loadS3({ ISTHMUS_S3_ENDPOINT: 'http://minio' })).toThrow(
      'needs ISTHMUS_S3_BUCKET',
    );
  });
});

describe('Postgres', () => {
  const url = 'postgresql://me@db.example/lab';
  const read = (env: Env) =>
    readDatabaseUrl(loadDatabases({ DATABASE_URL: url, ...env }).databaseUrl);

  test('what the URL leaves out comes from the variables of libpq', () => {
    const { client } = read({
      ...{ PGPASSWORD: 'hun/ter 2', PGHOST: 'ignored', PGUSER: 'ignored', PGPORT: '6432' },
      ...{ PGSSLMODE: 'verify-full', PGCONNECT_TIMEOUT: '4', PGAPPNAME: 'study' },
    });
    expect(client).toMatchObject({
      ...{ host: 'db.example', user: 'me', password: 'hun/ter 2', port: 6432, database: 'lab' },
      ...{ connectionTimeoutMillis: 4000, application_name: 'study' },
      ssl: { rejectUnauthorized: true },
    });
  });

  test('a pooler is named by a variable or by the URL', () => {
    expect(read({ ISTHMUS_DATABASE_POOLER: 'transaction' }).pooler).toBe(true);
    expect(read({ ISTHMUS_DATABASE_POOLER: 'none' }).pooler).toBe(false);
    expect(read({ DATABASE_URL: `${url}?pgbouncer=true` }).pooler).toBe(true);
  });

  test('migrations go their own way if it is named', () => {
    const direct = 'postgresql://owner@db.example/lab';
    const env = { DATABASE_URL: url, ISTHMUS_MIGRATE_DATABASE_URL: direct };
    expect(loadDatabases(env)).toEqual({ databaseUrl: url, migrationUrl: direct });
    expect(loadDatabases({ DATABASE_URL: url }).migrationUrl).toBe(url);
  });

  test.each<[Env, RegExp]>([
    [{ PGSERVICE: 'lab' }, /PGSERVICE is not supported beside DATABASE_URL/],
    [{ PGCHANNELBINDING: 'require' }, /PGCHANNELBINDING/],
    [{ PGSSLMODE: 'require' }, /sslmode=require/],
    [{ ISTHMUS_MIGRATE_DATABASE_URL: `${url}?ssl=1` }, /^ISTHMUS_MIGRATE_DATABASE_URL: .*ssl/],
  ])('%j is refused', (env, message) => {
    expect(() => read(env)).toThrow(usage);
    expect(() => read(env)).toThrow(message);
  });

  test.each(['ISTHMUS_MIGRATE_DATABASE_URL', 'ISTHMUS_DATABASE_POOLER'])(
    '%s alone is refused',
    (name) => {
      const value = name.endsWith('POOLER') ? 'transaction' : url;
      expect(() => loadDatabases({ [name]: value })).toThrow(`${name} needs DATABASE_URL`);
    },
  );
});

describe('Temporal', () => {
  const address = { TEMPORAL_ADDRESS: 'temporal.example:7233' };
  const load = (env: Env) => loadSettings({ ...stackEnv(), ...address, ...env }).temporal;

  test('the variables of its command line are honoured', () => {
    const key = join(folder, 'key.pem');
    writeFileSync(key, 'a key');
    const temporal = load({
      ...{ TEMPORAL_NAMESPACE: 'lab', TEMPORAL_API_KEY: 'hunter2', TEMPORAL_GRPC_META_X_A_B: 'c' },
      ...{ TEMPORAL_TLS_CLIENT_CERT_DATA: 'a certificate', TEMPORAL_TLS_CLIENT_KEY_PATH: key },
      ...{ TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority, TEMPORAL_TLS_SERVER_NAME: 'front' },
    });
    expect(temporal).toMatchObject({
      ...{ namespace: 'lab', apiKey: 'hunter2', metadata: { 'x-a-b': 'c' } },
      tls: { serverNameOverride: 'front' },
    });
    const { clientCertPair } = temporal.tls as Exclude<typeof temporal.tls, boolean | undefined>;
    expect(Buffer.from(clientCertPair!.crt).toString()).toBe('a certificate');
    expect(Buffer.from(clientCertPair!.key).toString()).toBe('a key');
  });

  test('an API key turns encryption on', () => {
    expect(load({ TEMPORAL_API_KEY: 'k' }).tls).toBe(true);
    expect(load({}).tls).toBeUndefined();
  });

  test.each<[Env, RegExp]>([
    [{ TEMPORAL_TLS_CLIENT_CERT_PATH: authority }, /CERT needs TEMPORAL_TLS_CLIENT_KEY/],
    [{ TEMPORAL_TLS_CLIENT_KEY_DATA: 'hunter2' }, /KEY needs TEMPORAL_TLS_CLIENT_CERT/],
    [{ TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/no.pem' }, /_CA_CERT_PATH: \/no.pem: ENOENT/],
    [
      { TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority, TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'x' },
      /both server_ca_cert_path and server_ca_cert_data/,
    ],
    [{ TEMPORAL_TLS: 'yes' }, /TEMPORAL_TLS: yes is none of/],
    [{ TEMPORAL_TLS: 'false', TEMPORAL_TLS_SERVER_NAME: 'x' }, /TEMPORAL_TLS is false, and/],
    [{ TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: 'hunter2' }, /would go unencrypted/],
    [{ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' }, /names are verified/],
    [{ TEMPORAL_PROFILE: 'cloud' }, /profiles are not read/],
    [{ TEMPORAL_CONFIG_FILE: '/x' }, /profiles are not read/],
    [{ TEMPORAL_ADDRESS: 'http://temporal:7233' }, /write host:port, without a scheme/],
  ])('%j is refused', (env, message) => {
    expect(() => load(env)).toThrow(usage);
    expect(() => load(env)).toThrow(message);
    expect(() => load(env)).not.toThrow('hunter2');
  });
});

test('variables of other programs change nothing of the local stack', () => {
  const others = {
    ...{ PGHOST: 'elsewhere', PGSERVICE: 'x', PGSSLMODE: 'require', PGOPTIONS: '-c x=y' },
    ...{ AWS_PROFILE: 'x', AWS_ENDPOINT_URL: 'nonsense', AWS_SESSION_TOKEN: 'x' },
    ...{ AWS_USE_FIPS_ENDPOINT: 'true', AWS_CA_BUNDLE: '/nowhere', AWS_MAX_ATTEMPTS: 'x' },
    ...{ TEMPORAL_API_KEY: 'x', TEMPORAL_PROFILE: 'x', TEMPORAL_TLS_CLIENT_CERT_PATH: '/x' },
    ...{ https_proxy: 'http://proxy.example:3128', http_proxy: 'nonsense' },
  };
  expect(loadSettings({ ...stackEnv(), ...others })).toEqual(loadSettings(stackEnv()));
});

describe('the way to Temporal', () => {
  const proxy = { https_proxy: 'http://me:s%40cret@proxy.example:3128' };

  test.each(['127.0.0.1:7233', '127.8.8.8', 'localhost:7233', '[::1]:7233', 'x.localhost'])(
    '%s is reached straight, whatever proxy is named',
    (address) => {
      expect(proxyFor(address, { ...proxy, grpc_proxy: 'http://other:1' })).toBeUndefined();
    },
  );

  test('another goes through the proxy, with its user and password', () => {
    expect(proxyFor('temporal.example:7233', proxy)).toEqual({
      type: 'http-connect',
      targetHost: 'proxy.example:3128',
      basicAuth: { username: 'me', password: 's@cret' },
    });
    const both = { ...proxy, grpc_proxy: 'http://grpc.example' };
    expect(proxyFor('temporal.example', both)?.targetHost).toBe('grpc.example:80');
  });

  test.each<[string, Env]>([
    ['temporal.example:7233', { no_proxy: 'other,.example' }],
    ['temporal.example:7233', { no_proxy: 'nothing', no_grpc_proxy: 'temporal.example' }],
    ['10.1.2.3:7233', { no_proxy: '10.0.0.0/8' }],
  ])('%s is excepted by %j', (address, env) => {
    expect(proxyFor(address, { ...proxy, ...env })).toBeUndefined();
  });

  test('a proxy that gRPC cannot use is refused rather than passed by', () => {
    const env = { https_proxy: 'https://me:hunter2@proxy.example' };
    expect(() => proxyFor('temporal.example', env)).toThrow(usage);
    expect(() => proxyFor('temporal.example', env)).not.toThrow('hunter2');
  });

  test('loopback is told from what only looks like it', () => {
    expect(['127.0.0.1.example', '128.0.0.1', 'mylocalhost'].map(isLoopback)).toEqual([
      ...[false, false, false],
    ]);
  });
});
