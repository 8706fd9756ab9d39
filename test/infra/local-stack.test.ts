import { execFile } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generatedDir } from '../../settings/paths.js';
import { loadSettings, type Settings } from '../../settings/settings.js';
import { doctor, down, status, up, type PartName } from '../../infra/local/index.js';
import { identify } from '../../infra/local/processes.js';
import { readStackPorts } from '../../settings/local/stack-file.js';
import { temporalBinary } from '../../infra/local/temporal.js';
import { cleanEnv, freeStackEnv } from '../environment.js';

const run = promisify(execFile);
const home = join(generatedDir, 'test', `local-${process.pid}`);
const env = freeStackEnv(home);
const servers = { parts: ['temporal', 'postgres', 's3'] } as const;
const quiet = (): void => undefined;

async function pids(): Promise<ReadonlyMap<PartName, number | undefined>> {
  const { parts } = await status(env);
  return new Map(parts.map(({ name, pid }) => [name, pid]));
}

async function kill(name: PartName): Promise<void> {
  const pid = (await pids()).get(name);
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGKILL');
}

async function sql(text: string, settings: Settings = loadSettings(env)): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: settings.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

function s3Client({ s3 }: Settings): S3Client {
  const { endpoint = '', accessKeyId = '', secretAccessKey = '', forcePathStyle } = s3;
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle, credentials });
}

function temporalNamespace(action: 'create' | 'describe'): Promise<unknown> {
  const { address } = loadSettings(env).temporal;
  const args = ['operator', 'namespace', action, '-n', 'kept', '--address', address];
  return run(temporalBinary, args, { env: cleanEnv() });
}

beforeAll(() => up(env, quiet, servers).then(() => undefined));

afterAll(async () => {
  await down(env, quiet);
  rmSync(home, { recursive: true, force: true });
});

test('a second up leaves every running server alone', async () => {
  const before = await pids();
  const said: string[] = [];
  await up(env, (line) => said.push(line), servers);
  expect(await pids()).toEqual(before);
  expect(said.every((line) => line.includes('already up'))).toBe(true);
});

test('two ups at once start nothing twice', async () => {
  await down(env, quiet);
  const [one, other] = await Promise.all([up(env, quiet, servers), up(env, quiet, servers)]);
  expect(one.parts.map(({ pid }) => pid)).toEqual(other.parts.map(({ pid }) => pid));
});

describe('after kill -9, up brings back with its data', () => {
  test('Postgres', async () => {
    await sql('create table kept (n int)');
    await sql('insert into kept values (42)');
    await kill('postgres');
    await up(env, quiet, servers);
    expect(await sql('select n from kept')).toEqual([{ n: 42 }]);
  });

  test('S3', async () => {
    const object = { Bucket: loadSettings(env).s3.bucket, Key: 'kept' };
    await s3Client(loadSettings(env)).send(new PutObjectCommand({ ...object, Body: 'bytes' }));
    await kill('s3');
    await up(env, quiet, servers);
    const read = await s3Client(loadSettings(env)).send(new GetObjectCommand(object));
    expect(await read.Body?.transformToString()).toBe('bytes');
  });

  test('Temporal', async () => {
    await temporalNamespace('create');
    await kill('temporal');
    await up(env, quiet, servers);
    await expect(temporalNamespace('describe')).resolves.toBeDefined();
  });
});

test('the data survives a down, which leaves no process', async () => {
  await sql('create table across (n int)');
  const running = [...(await pids()).values()].filter((pid) => pid !== undefined);
  expect(running).toHaveLength(3);
  await down(env, quiet);
  expect(running.filter((pid) => identify(pid) !== undefined)).toEqual([]);
  await up(env, quiet, servers);
  expect(await sql('select n from across')).toEqual([]);
});

test('only the owner can read the passwords', () => {
  expect(statSync(home).mode & 0o777).toBe(0o700);
  for (const name of ['secrets.json', 's3/s3.json', 's3/security.toml']) {
    expect(statSync(join(home, name)).mode & 0o777, name).toBe(0o600);
  }
});

test('Postgres refuses a wrong password', async () => {
  const { databaseUrl, ...settings } = loadSettings(env);
  const wrong = new URL(databaseUrl);
  wrong.password = 'wrong';
  await expect(sql('select 1', { ...settings, databaseUrl: wrong.href })).rejects.toMatchObject({
    code: '28P01',
  });
});

test('S3 refuses anonymous requests and a wrong key', async () => {
  const settings = loadSettings(env);
  const { endpoint, bucket } = settings.s3;
  const url = `${endpoint}/${bucket}/stranger`;
  expect((await fetch(url)).status).toBe(403);
  expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
  const stranger = s3Client({ ...settings, s3: { ...settings.s3, secretAccessKey: 'wrong' } });
  const put = stranger.send(new PutObjectCommand({ Bucket: bucket, Key: 'stranger', Body: 'x' }));
  await expect(put).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test('the S3 server behind the S3 port refuses strangers, too', async () => {
  const filer = `http://127.0.0.1:${readStackPorts(home)?.s3Filer}/buckets/isthmus/stranger`;
  expect((await fetch(filer)).status).toBe(401);
  expect((await fetch(filer, { method: 'PUT', body: 'x' })).status).toBe(401);
});

test('doctor finds every server usable and every stranger refused', async () => {
  const checks = await doctor(env);
  expect(checks.filter(({ ok }) => !ok)).toEqual([
    { name: 'Worker', ok: false, detail: 'not running', hint: './isthmus up' },
  ]);
  expect(checks.map(({ name }) => name)).toContain('S3 refuses anonymous requests');
});

test('a taken port is told by service, number and variable before anything starts', async () => {
  const other = `${home}-taken`;
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  const { port } = squatter.address() as { port: number };
  const taken = { ...freeStackEnv(other), ISTHMUS_POSTGRES_PORT: String(port) };
  try {
    await expect(up(taken, quiet, servers)).rejects.toThrow(
      `port ${port} for Postgres is taken by another program (set ISTHMUS_POSTGRES_PORT)`,
    );
    const { parts } = await status(taken);
    expect(parts.map(({ state }) => state)).toEqual(['down', 'down', 'down', 'down']);
  } finally {
    squatter.close();
    rmSync(other, { recursive: true, force: true });
  }
});
