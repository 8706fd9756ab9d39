/** Which credentials and certificates reach an S3 service: the SDK's own chain, seen by a server that tells what arrives. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadS3, loadSettings, type Settings } from '../../../settings/settings.js';
import { createBlobStore } from '../../../stores/blobs/s3-blob-store.js';
import { ensureBucket, isRefused, probeBucket } from '../../../stores/blobs/bucket.js';
import { readEngineOptions } from '../../../engine/process/options.js';
import { engineEnvironment } from '../../../worker/engine-environment.js';
import { compiled } from '../../compiled.js';
import { stackEnv } from '../../stack.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'isthmus-credentials-'));
const tls = fileURLToPath(new URL('../fixtures/tls/', import.meta.url));
const pem = (name: string): Buffer => readFileSync(join(tls, name));

interface Arrived {
  readonly token: string | undefined;
  /** Access key in the Authorization header. */
  readonly key: string | undefined;
}

const arrived: Arrived[] = [];

/** S3 that is never satisfied, and the token service that gives a role away for the right token. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { authorization = '' } = request.headers;
  const url = request.url ?? '';
  if (url === '/container') {
    response.setHeader('content-type', 'application/json');
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const keys = { AccessKeyId: 'CONTAINER', SecretAccessKey: 's', Token: 'container-token' };
    return void response.end(JSON.stringify({ ...keys, Expiration: expires }));
  }
  if (request.method === 'POST') {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const granted = body.includes('WebIdentityToken=pod-token');
      response.writeHead(granted ? 200 : 403, { 'content-type': 'text/xml' });
      response.end(granted ? roleXml : '<Error><Code>AccessDenied</Code></Error>');
    });
    return;
  }
  const token = request.headers['x-amz-security-token'];
  arrived.push({
    token: typeof token === 'string' ? token : undefined,
    key: /Credential=([^/]+)/.exec(authorization)?.[1],
  });
  response.writeHead(403, { 'content-type': 'application/xml' });
  response.end('<Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>');
}

const roleXml = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ROLE</AccessKeyId>
<SecretAccessKey>s</SecretAccessKey><SessionToken>role-token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;

const plain = createServer(answer);
const encrypted = createTlsServer({ key: pem('server-key.pem'), cert: pem('server.pem') }, answer);
let [http, https] = ['', ''];

beforeAll(async () => {
  for (const server of [plain, encrypted]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  http = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  https = `https://localhost:${(encrypted.address() as AddressInfo).port}`;
  writeFileSync(
    join(folder, 'credentials'),
    '[lab]\naws_access_key_id = PROFILE\naws_secret_access_key = s\naws_session_token = profile-token\n',
  );
  writeFileSync(join(folder, 'token'), 'pod-token');
});

afterAll(() => {
  plain.close();
  encrypted.close();
  rmSync(folder, { recursive: true });
});

type Env = Readonly<Record<string, string>>;
const before = { ...process.env };
beforeEach(() => void arrived.splice(0));
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

const bucket = (): Env => ({
  ...{
    ISTHMUS_S3_ENDPOINT: http,
    ISTHMUS_S3_BUCKET: 'checkpoints',
    AWS_EC2_METADATA_DISABLED: 'true',
  },
  ...{
    AWS_MAX_ATTEMPTS: '1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  },
});

/** The chain reads the environment of its process. */
function exported(env: Env): Env {
  Object.assign(process.env, env);
  return env;
}

const ref = { digest: 'a'.repeat(64), bytes: 1 };

const sources = (): Readonly<Record<string, readonly [Env, Arrived]>> => ({
  'named keys': [
    { AWS_ACCESS_KEY_ID: 'NAMED', AWS_SECRET_ACCESS_KEY: 's' },
    { key: 'NAMED', token: undefined },
  ],
  'a session': [
    { AWS_ACCESS_KEY_ID: 'NAMED', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 'session-token' },
    { key: 'NAMED', token: 'session-token' },
  ],
  'a profile': [
    { AWS_PROFILE: 'lab', AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials') },
    { key: 'PROFILE', token: 'profile-token' },
  ],
  'web identity': [
    {
      ...{ AWS_ROLE_ARN: 'arn:aws:iam::1:role/engine', AWS_ENDPOINT_URL_STS: http },
      ...{ AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'), AWS_REGION: 'us-east-1' },
    },
    { key: 'ROLE', token: 'role-token' },
  ],
  'a container': [
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${http}/container` },
    { key: 'CONTAINER', token: 'container-token' },
  ],
});
const sourceNames = ['named keys', 'a session', 'a profile', 'web identity', 'a container'];

describe.each(sourceNames)('credentials from %s', (name) => {
  test('arrive from a command', async () => {
    const [env, expected] = sources()[name]!;
    const store = createBlobStore(loadS3(exported({ ...bucket(), ...env })));
    await expect(store.has(ref)).rejects.toMatchObject({ kind: 'dependency-down' });
    expect(arrived).toEqual([expected]);
  });

  test('arrive from an engine, which is given what they come from and no more', async () => {
    const [env, expected] = sources()[name]!;
    const given = { ...bucket(), ...env };
    const settings: Settings = { ...loadSettings(stackEnv()), s3: loadS3(given) };
    const surroundings = { ...given, PATH: process.env['PATH'], DATABASE_URL: 'postgresql://x' };
    const engine = engineEnvironment(settings, surroundings, {
      slot: 0,
      threads: 1,
      precision: 'float32',
    });
    expect(readEngineOptions(engine).s3.bucket).toBe('checkpoints');
    const isNamed = settings.s3.accessKeyId !== undefined;
    const passed = Object.keys(engine).filter((one) => one in env && !/ENDPOINT|REGION/.test(one));
    expect(passed.length > 0).toBe(!isNamed);
    const script = `
      const { s3 } = JSON.parse(process.env.ENGINE_OPTIONS);
      const { createBlobStore } = await import(${JSON.stringify(compiled('stores/blobs/s3-blob-store.ts'))});
      await createBlobStore(s3).has(${JSON.stringify(ref)}).catch((error) => console.log(error.kind));`;
    const args = ['--input-type=module', '-e', script];
    const { stdout } = await run(process.execPath, args, { env: engine });
    expect(stdout.trim()).toBe('dependency-down');
    expect(arrived).toEqual([expected]);
  });
});

test('without any credentials the next step is to name some', async () => {
  const store = createBlobStore(loadS3(exported(bucket())));
  await expect(store.has(ref)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('no credentials'),
    hint: expect.stringContaining('AWS_PROFILE'),
  });
  expect(arrived).toEqual([]);
});

test('without a region at AWS the next step is to name one', async () => {
  const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const named = Object.entries(bucket()).filter(([name]) => name !== 'ISTHMUS_S3_ENDPOINT');
  const atAws: Env = { ...Object.fromEntries(named), ...keys };
  await expect(createBlobStore(loadS3(exported(atAws))).has(ref)).rejects.toMatchObject({
    kind: 'usage',
    hint: 'set AWS_REGION to the region of the bucket',
  });
});

describe('a private certificate authority', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'NAMED', AWS_SECRET_ACCESS_KEY: 'hunter2' };
  const at = (): Env => ({ ...bucket(), ...keys, ISTHMUS_S3_ENDPOINT: https });

  test('is not trusted unless AWS_CA_BUNDLE names it', async () => {
    await expect(createBlobStore(loadS3(at())).has(ref)).rejects.toMatchObject({
      kind: 'dependency-down',
      message: expect.stringMatching(/certificate/),
    });
    expect(arrived).toEqual([]);
  });

  test('is trusted by commands and engines where AWS_CA_BUNDLE names it', async () => {
    const s3 = loadS3({ ...at(), AWS_CA_BUNDLE: join(tls, 'authority.pem') });
    await expect(createBlobStore(s3).has(ref)).rejects.toMatchObject({
      message: expect.stringContaining('access denied'),
    });
    expect(arrived).toEqual([{ key: 'NAMED', token: undefined }]);
    const settings: Settings = { ...loadSettings(stackEnv()), s3 };
    expect(
      readEngineOptions(
        engineEnvironment(settings, {}, { slot: 0, threads: 1, precision: 'float32' }),
      ).s3.caBundle,
    ).toBe(s3.caBundle);
  });
});

describe('the bucket', () => {
  test('is made where it is missing, by one of two at once, and probed', async () => {
    const s3 = { ...loadSettings(stackEnv()).s3, bucket: `made-${process.pid}-${Date.now()}` };
    const made = await Promise.all([ensureBucket(s3), ensureBucket(s3)]);
    expect(made).toContain(true);
    expect(await ensureBucket(s3)).toBe(false);
    await probeBucket(s3, 'probe');
    expect([await isRefused(s3, 'nobody'), await isRefused(s3, 'wrong-key')]).toEqual([true, true]);
  });

  test('that may not even be looked up is told in one line', async () => {
    const env = { ...bucket(), AWS_ACCESS_KEY_ID: 'NAMED', AWS_SECRET_ACCESS_KEY: 'hunter2' };
    await expect(ensureBucket(loadS3(env))).rejects.toMatchObject({
      kind: 'dependency-down',
      message: `cannot look up the bucket checkpoints at ${http}: access denied: wrong credentials, or no right to do this`,
    });
    await isRefused(loadS3(env), 'nobody');
    expect(arrived.at(-1)).toEqual({ key: undefined, token: undefined });
  });

  test('that is missing and may not be created is told with the command that creates it', async () => {
    const forbidding = createServer((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 404 : 403).end();
    });
    await new Promise<void>((resolve) => forbidding.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(forbidding.address() as AddressInfo).port}`;
    try {
      const s3 = { ...loadSettings(stackEnv()).s3, bucket: 'checkpoints', endpoint };
      await expect(ensureBucket(s3)).rejects.toMatchObject({
        kind: 'failed',
        message: expect.stringContaining('these credentials may not create it'),
        hint: expect.stringContaining('aws s3 mb s3://checkpoints'),
      });
    } finally {
      forbidding.close();
    }
  });
});
