/** The contract of the blob store, against a real S3 server. */
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../experiment/errors.js';
import type { RunManifest } from '../../../experiment/records/records.js';
import { loadSettings } from '../../../settings/settings.js';
import { createBlobStore } from '../../../stores/blobs/s3-blob-store.js';
import { connectS3 } from '../../../stores/blobs/s3-objects.js';
import { stackEnv } from '../../stack.js';
import { artifact, environment, keyOf, plan } from '../results/plans.js';

const bucket = `blobs-${randomBytes(6).toString('hex')}`;
const s3 = { ...loadSettings(stackEnv()).s3, bucket };
const client = connectS3(s3);
const store = createBlobStore(s3);
const fresh = () => new Uint8Array(randomBytes(1000));
const keyOfBlob = (digest: string) => `blobs/sha256/${digest.slice(0, 2)}/${digest.slice(2)}`;
const overwrite = (digest: string, Body: Uint8Array | string) =>
  client.send(new PutObjectCommand({ Bucket: bucket, Key: keyOfBlob(digest), Body }));

beforeAll(async () => {
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
});

describe('blobs', () => {
  test('come back under the sha256 of their bytes, at the documented key', async () => {
    const ref = await store.put(Buffer.from('an isthmus'));
    expect(ref).toEqual(artifact('an isthmus'));
    expect(Buffer.from(await store.get(ref)).toString()).toBe('an isthmus');
    const Key = keyOfBlob(ref.digest);
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    expect(head.ContentLength).toBe(10);
    expect(await store.has(ref)).toBe(true);
  });

  test('may be empty, and may be megabytes', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(randomBytes(20 * 1024 * 1024))]) {
      const read = await store.get(await store.put(bytes));
      expect(Buffer.compare(read, bytes)).toBe(0);
    }
  });

  test('put 20 times at once are there once', async () => {
    const bytes = fresh();
    const refs = await Promise.all(Array.from({ length: 20 }, () => store.put(bytes)));
    expect(new Set(refs.map((ref) => ref.digest)).size).toBe(1);
    expect(Buffer.compare(await store.get(refs[0]!), bytes)).toBe(0);
  });

  test('are put from a view of a larger buffer without its surroundings', async () => {
    const whole = fresh();
    const ref = await store.put(whole.subarray(100, 200));
    expect(Buffer.compare(await store.get(ref), whole.subarray(100, 200))).toBe(0);
  });

  test('that are missing are not there, and reading them names the key', async () => {
    const ref = artifact('never stored');
    expect(await store.has(ref)).toBe(false);
    await expect(store.get(ref)).rejects.toThrow(
      new RegExp(`${bucket}/${keyOfBlob(ref.digest)} .*found nothing`),
    );
  });

  test.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, 999)],
    ['one byte longer', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from('x')])],
    ['changed in one bit', (bytes: Uint8Array) => bytes.with(500, bytes[500]! ^ 1)],
  ])(
    'that were %s in the bucket are never returned, and repaired by the next put',
    async (_, damage) => {
      const bytes = fresh();
      const ref = await store.put(bytes);
      await overwrite(ref.digest, damage(bytes));
      const error = (await store.get(ref).catch((e: unknown) => e)) as UserError;
      expect(error).toBeInstanceOf(UserError);
      expect(error.kind).toBe('failed');
      expect(error.message).toContain(`s3://${bucket}/${keyOfBlob(ref.digest)}`);
      expect(error.message).toMatch(
        new RegExp(`expected sha256 ${ref.digest} of 1000 bytes, found `),
      );
      await store.put(bytes);
      expect(Buffer.compare(await store.get(ref), bytes)).toBe(0);
    },
  );

  test('of another size than the reference says are refused', async () => {
    const ref = await store.put(fresh());
    await expect(store.get({ ...ref, bytes: 999 })).rejects.toThrow(
      /of 999 bytes, found 1000 bytes/,
    );
    await expect(store.get({ ...ref, bytes: 1001 })).rejects.toThrow(/of 1001 bytes, found sha256/);
    expect(await store.has({ ...ref, bytes: 999 })).toBe(false);
  });

  test.each(['', '../../etc/passwd', 'A'.repeat(64), 'a'.repeat(63), `${'a'.repeat(64)}\n`])(
    'are never asked for under the digest %j',
    async (digest) => {
      await expect(store.get({ digest, bytes: 1 })).rejects.toThrow(/not a sha256/);
      await expect(store.has({ digest, bytes: 1 })).rejects.toThrow(/not a sha256/);
      await expect(store.getManifest(digest)).rejects.toThrow(/not a sha256/);
    },
  );
});

describe('manifests', () => {
  const mine = plan('manifest', 1);
  const key = keyOf(mine, 'curve/A-B');
  const manifest: RunManifest = {
    format: 'isthmus.run/1',
    run: mine.runs.find((run) => run.key === key)!,
    inputs: [
      { role: 'start', run: keyOf(mine, 'endpoint/A'), outputs: { weights: artifact('A') } },
    ],
    outputs: { controlPoints: artifact('bends') },
    environment,
  };
  const Key = `runs/${key}/manifest.json`;

  test('come back as they were written, the newest one', async () => {
    await store.putManifest({ ...manifest, outputs: {} });
    await store.putManifest(manifest);
    expect(await store.getManifest(key)).toEqual(manifest);
  });

  test('of runs that wrote none are null', async () => {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    expect(await store.getManifest(key)).toBeNull();
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['another format', JSON.stringify({ ...manifest, format: 'isthmus.run/2' })],
    [
      'a digest that is none',
      JSON.stringify({ ...manifest, outputs: { w: { digest: '..', bytes: 1 } } }),
    ],
    [
      'the manifest of another run',
      JSON.stringify({ ...manifest, run: { ...manifest.run, key: keyOf(mine, 'endpoint/A') } }),
    ],
  ])('with %s are refused by key', async (_, Body) => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    await expect(store.getManifest(key)).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining(`s3://${bucket}/${Key}`),
    });
  });
});

describe('an S3 that is not there', () => {
  const variants: readonly (readonly [string, object, RegExp])[] = [
    ['nothing listens', { endpoint: 'http://127.0.0.1:1' }, /ECONNREFUSED/],
    ['wrong secret', { secretAccessKey: 'wr0ng-secret' }, /access denied/],
    ['wrong key', { accessKeyId: 'nobody' }, /access denied/],
    ['no such bucket', { bucket: 'no-such-bucket' }, /no such bucket/],
  ];
  test.each(variants)(
    '(%s) is told in one line with the place and no secret',
    async (_, change, why) => {
      const location = { ...s3, ...change };
      const broken = createBlobStore(location);
      const ref = artifact('x');
      for (const attempt of [
        () => broken.put(Buffer.from('x')),
        () => broken.get(ref),
        () => broken.has(ref),
        () => broken.getManifest(ref.digest),
      ]) {
        const error = (await attempt().catch((e: unknown) => e)) as UserError;
        expect(error).toBeInstanceOf(UserError);
        expect(error.kind).toBe('dependency-down');
        expect(error.message).toMatch(why);
        expect(error.message).toContain(`s3://${location.bucket}/`);
        expect(error.message).toContain(location.endpoint);
        expect(error.message).not.toContain('\n');
        expect(error.message + error.hint).not.toContain(location.secretAccessKey);
        expect(error.cause).toBeDefined();
      }
    },
  );

  test('a server that hangs up in the middle of a blob is an outage, not a short blob', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const broken = createBlobStore({ ...s3, endpoint: `http://127.0.0.1:${port}` });
    await expect(broken.get({ ...artifact('x'), bytes: 1000 })).rejects.toMatchObject({
      kind: 'dependency-down',
    });
    server.close();
  });
});
