// Fetching against a real http server and the real S3 of the stack.
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatasetFile } from '../../../experiment/catalogue/published-files.js';
import { loadSettings } from '../../../settings/settings.js';
import { datasetSource } from '../../../stores/datasets/dataset-sources.js';
import { fetchFile } from '../../../stores/datasets/fetch-file.js';
import { connectS3 } from '../../../stores/blobs/s3-objects.js';
import { stackEnv } from '../../stack.js';

const content = randomBytes(300_000);
const file: DatasetFile = {
  name: 'train.bin',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
};

/** How the server behaves, and what it was asked for. */
interface Behaviour {
  body: Buffer;
  /** Ends the connection after so many bytes of an answer. */
  breakAfter: number;
  ranges: boolean;
  status: number;
  asked: (string | undefined)[];
}

let folder: string;
let server: Server;
let address: string;
let behaviour: Behaviour;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'isthmus-fetch-')), 'cifar10');
  behaviour = { body: content, breakAfter: Infinity, ranges: true, status: 200, asked: [] };
  server = createServer((request, response) => {
    const { body, breakAfter, ranges, status, asked } = behaviour;
    asked.push(request.headers.range);
    const from = ranges ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
    const part = body.subarray(from);
    response.writeHead(from > 0 ? 206 : status, { 'content-length': part.length });
    if (part.length <= breakAfter) response.end(part);
    else
      response.write(part.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 50));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(join(folder, '..'), { recursive: true });
});

function fetchFrom(from: string, signal = new AbortController().signal, onBytes = () => {}) {
  const source = datasetSource(from, () => loadSettings(stackEnv()).s3);
  return fetchFile(file, { dataset: 'cifar10', folder, source, signal, onBytes });
}

const stored = () => readFile(join(folder, file.name));
const part = () => join(folder, `${file.name}.part`);

describe('over http', () => {
  test('a file is fetched once, and then found where it is', async () => {
    expect(await fetchFrom(`${address}/`)).toBe('fetched');
    expect(content.equals(await stored())).toBe(true);
    expect(await fetchFrom(address)).toBe('present');
    expect(behaviour.asked).toEqual([undefined]);
    expect(existsSync(part())).toBe(false);
  });

  test('a broken transfer says so, and the next one goes on from there', async () => {
    behaviour.breakAfter = 100_000;
    await expect(fetchFrom(address)).rejects.toMatchObject({
      kind: 'dependency-down',
      message: expect.stringMatching(/broke off after \d+ of 300000 bytes$/),
    });
    const there = (await readFile(part())).length;
    expect(there).toBeGreaterThan(0);
    expect(existsSync(join(folder, file.name))).toBe(false);
    behaviour.breakAfter = Infinity;
    expect(await fetchFrom(address)).toBe('fetched');
    expect(behaviour.asked).toEqual([undefined, `bytes=${there}-`]);
    expect(content.equals(await stored())).toBe(true);
  });

  test('a server that cannot go on begins again', async () => {
    behaviour.ranges = false;
    await mkdir(folder);
    await writeFile(part(), content.subarray(0, 1000));
    expect(await fetchFrom(address)).toBe('fetched');
    expect(content.equals(await stored())).toBe(true);
  });

  test('other bytes than the published ones are never put in place, nor kept', async () => {
    behaviour.body = Buffer.from(content);
    behaviour.body[7]! ^= 1;
    await expect(fetchFrom(address)).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining(`its sha256 is not ${file.sha256}`),
    });
    expect([existsSync(part()), existsSync(join(folder, file.name))]).toEqual([false, false]);
  });

  test('more bytes than the file has end the transfer', async () => {
    behaviour.body = Buffer.concat([content, Buffer.alloc(5_000_000)]);
    await expect(fetchFrom(address)).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining('longer than the 300000 bytes'),
    });
  });

  test('a missing file and a server that is not there are told apart', async () => {
    behaviour.status = 404;
    await expect(fetchFrom(address)).rejects.toMatchObject({
      kind: 'bad-input',
      message: `${address}/train.bin: the server answered 404`,
    });
    await expect(fetchFrom('http://127.0.0.1:1')).rejects.toMatchObject({
      kind: 'dependency-down',
    });
  });

  test('a stop keeps what has come, and says where it stopped', async () => {
    behaviour.breakAfter = 100_000;
    const controller = new AbortController();
    const stopped = fetchFrom(address, controller.signal, () => controller.abort());
    await expect(stopped).rejects.toMatchObject({
      kind: 'cancelled',
      message: expect.stringMatching(/stopped after \d+ of 300000 bytes$/),
    });
  });
});

test('from a folder, and a folder without it is named', async () => {
  const other = await mkdtemp(join(tmpdir(), 'isthmus-mirror-'));
  await expect(fetchFrom(other)).rejects.toMatchObject({
    message: `cannot read ${join(other, file.name)}: there is no such file`,
  });
  await writeFile(join(other, file.name), content);
  expect(await fetchFrom(other)).toBe('fetched');
  await rm(other, { recursive: true });
});

test('from S3, going on from a part', async () => {
  const bucket = `mirror-${randomBytes(6).toString('hex')}`;
  const client = connectS3({ ...loadSettings(stackEnv()).s3, bucket });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await expect(fetchFrom(`s3://${bucket}/sets`)).rejects.toMatchObject({ kind: 'bad-input' });
  const object = { Bucket: bucket, Key: `sets/${file.name}`, Body: content };
  await client.send(new PutObjectCommand(object));
  await mkdir(folder, { recursive: true });
  await writeFile(part(), content.subarray(0, 123_456));
  expect(await fetchFrom(`s3://${bucket}/sets`)).toBe('fetched');
  expect(content.equals(await stored())).toBe(true);
  client.destroy();
});

test('another kind of address is refused', () => {
  expect(() => datasetSource('ftp://host/sets', () => loadSettings(stackEnv()).s3)).toThrow(
    'not a folder, nor an http, https or s3 address',
  );
});
