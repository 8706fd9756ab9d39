/** The bucket of the local stack: made once, and probed when somebody asks whether S3 works. */
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { S3Settings } from '../infra/settings.js';
import { statusOf } from './s3-errors.js';
import { connectS3 } from './s3-objects.js';

async function withClient<T>(settings: S3Settings, action: (client: S3Client) => Promise<T>) {
  const client = connectS3(settings);
  try {
    return await action(client);
  } finally {
    client.destroy();
  }
}

async function bucketExists(client: S3Client, bucket: string): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

export async function ensureBucket(settings: S3Settings): Promise<void> {
  const { bucket } = settings;
  await withClient(settings, async (client) => {
    if (await bucketExists(client, bucket)) return;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  });
}

/** Writes, reads and deletes one small object; throws what S3 says when any of it fails. */
export async function probeBucket(settings: S3Settings, key: string): Promise<void> {
  const object = { Bucket: settings.bucket, Key: key };
  await withClient(settings, async (client) => {
    await client.send(new PutObjectCommand({ ...object, Body: key }));
    const read = await client.send(new GetObjectCommand(object));
    const text = await read.Body?.transformToString();
    await client.send(new DeleteObjectCommand(object));
    if (text !== key) throw new Error(`S3 returned other bytes than were written to ${key}`);
  });
}

/** True where S3 turns these credentials away. */
export async function isRefused(settings: S3Settings): Promise<boolean> {
  try {
    await withClient(settings, (client) => bucketExists(client, settings.bucket));
    return false;
  } catch (error) {
    if (statusOf(error) === 403) return true;
    throw error;
  }
}
