import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings } from '../../settings/settings.js';
import { readOrCreateSecrets, secretsPath } from '../../settings/local/secrets.js';
import { portNames, writeStackPorts, type StackPorts } from '../../settings/local/stack-file.js';

const deployment = {
  TEMPORAL_ADDRESS: 'temporal.example:7233',
  TEMPORAL_NAMESPACE: 'research',
  DATABASE_URL: 'postgresql://user:password@postgres.example/isthmus',
  ISTHMUS_S3_ENDPOINT: 'https://s3.example',
  ISTHMUS_S3_BUCKET: 'checkpoints',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'isthmus-settings-'));
});

afterEach(() => rmSync(home, { recursive: true }));

function makeStack(): void {
  const ports = portNames.map((name, index) => [name, 20_000 + index] as const);
  writeStackPorts(home, Object.fromEntries(ports) as StackPorts);
  readOrCreateSecrets(home);
}

test('a deployment named by variables needs no local stack', () => {
  const { temporal, databaseUrl, s3 } = loadSettings({ ...deployment, ISTHMUS_HOME: home });
  expect(temporal).toMatchObject({ address: 'temporal.example:7233', namespace: 'research' });
  expect(databaseUrl).toBe(deployment.DATABASE_URL);
  expect(s3).toMatchObject({ endpoint: 'https://s3.example', bucket: 'checkpoints' });
});

test('without variables and without a stack, the hint is to start one', () => {
  expect(() => loadSettings({ ISTHMUS_HOME: home })).toThrow(
    expect.objectContaining({ kind: 'dependency-down', hint: './isthmus up' }),
  );
});

test('a local stack is found by its home', () => {
  makeStack();
  const settings = loadSettings({ ISTHMUS_HOME: home });
  expect(settings.temporal.address).toBe('127.0.0.1:20000');
  expect(settings.s3.bucket).toBe('isthmus');
  expect(settings.databaseUrl).toMatch(/^postgresql:\/\/isthmus:\w+@127\.0\.0\.1:\d+\/isthmus$/);
});

test('AWS credentials alone do not lead away from the local S3', () => {
  makeStack();
  const { s3 } = loadSettings({ ISTHMUS_HOME: home, AWS_ACCESS_KEY_ID: 'mine' });
  expect(s3.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect(s3.accessKeyId).not.toBe('mine');
});

test('secrets that others can read are refused, with the command that closes them', () => {
  makeStack();
  chmodSync(secretsPath(home), 0o640);
  expect(() => loadSettings({ ISTHMUS_HOME: home })).toThrow(/mode 640 lets other users in/);
});

test('secrets are made once', () => {
  mkdirSync(home, { recursive: true });
  expect(readOrCreateSecrets(home)).toEqual(readOrCreateSecrets(home));
});

test.each([
  [{ ISTHMUS_THREADS: '2' }, 'unknown variable ISTHMUS_THREADS'],
  [{ ISTHMUS_HOMME: '/x' }, 'did you mean ISTHMUS_HOME?'],
  [{ ISTHMUS_S3_PORT: 'eighty' }, 'ISTHMUS_S3_PORT'],
  [{ ISTHMUS_SLOTS: '0' }, 'ISTHMUS_SLOTS'],
  [{ ISTHMUS_DEVICE: 'tpu' }, 'ISTHMUS_DEVICE'],
  [{ DATABASE_URL: 'mysql://user:hunter2@host/db' }, 'DATABASE_URL'],
])('refuses %j', (env, message) => {
  expect(() => loadSettings(env)).toThrow(message);
  expect(() => loadSettings(env)).not.toThrow('hunter2');
});

test('half a pair of keys names the missing variable', () => {
  const incomplete = { ...deployment, AWS_SECRET_ACCESS_KEY: undefined };
  expect(() => loadSettings(incomplete)).toThrow('AWS_ACCESS_KEY_ID needs AWS_SECRET_ACCESS_KEY');
});

test('graphs are kept in the home, or where a variable says', () => {
  const env = { ...deployment, ISTHMUS_HOME: home };
  expect(loadSettings(env).graphDir).toBe(join(home, 'graphs'));
  const own = loadSettings({ ...env, ISTHMUS_GRAPH_DIR: 'cache/graphs' });
  expect(own.graphDir).toBe(join(process.cwd(), 'cache/graphs'));
});

test('GPUs, their memory and what may take their place are settings of a GPU worker alone', () => {
  const variables = {
    ...{ ...deployment, ISTHMUS_HOME: home, CUDA_VISIBLE_DEVICES: '3,MIG-5', ISTHMUS_SLOTS: '4' },
    ...{ ISTHMUS_GPU_MEMORY_MB: '9000', ISTHMUS_DEVICE_FALLBACK: 'cpu' },
  };
  const { gpu, engines } = loadSettings({ ...variables, ISTHMUS_DEVICE: 'gpu' });
  expect(gpu).toEqual({ visible: ['3', 'MIG-5'], memoryMb: 9000, fallback: 'cpu' });
  expect(engines.slots).toBe(4);
  expect(loadSettings({ ...variables, ISTHMUS_DEVICE: 'cpu' }).gpu.visible).toEqual([]);
});

test.each([
  [{ ISTHMUS_GPU_MEMORY_MB: '12' }, /^ISTHMUS_GPU_MEMORY_MB: /],
  [{ ISTHMUS_DEVICE_FALLBACK: 'gpu' }, /^ISTHMUS_DEVICE_FALLBACK: /],
  [
    { ISTHMUS_DEVICE: 'gpu', CUDA_VISIBLE_DEVICES: 'all' },
    /^CUDA_VISIBLE_DEVICES: all names no GPU/,
  ],
])('%j is refused in one line', (env, line) => {
  const load = () => loadSettings({ ...deployment, ISTHMUS_HOME: home, ...env }).gpu;
  expect(load).toThrow(line);
});
