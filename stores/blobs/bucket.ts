/** Creates the bucket of a deployment where it is missing, and probes it for health checks. */
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  type S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { UserError } from '../../experiment/errors.js';
import type { S3Settings } from '../../settings/settings.js';
import { explained, httpStatus } from './s3-errors.js';
import { connectS3, describeService } from './s3-objects.js';

async function withClient<T>(
  settings: S3Settings,
  action: (client: S3Client) => Promise<T>,
  options: S3ClientConfig = {},
): Promise<T> {
  const client = connectS3(settings, options);
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
    if (httpStatus(error) === 404) return false;
    throw error;
  }
}

/** Returns whether this call made it; of two at once, one does. */
export async function ensureBucket(settings: S3Settings): Promise<boolean> {
  const place = `the bucket ${settings.bucket} at ${describeService(settings)}`;
  return withClient(settings, async (client) => {
    try {
      if (await bucketExists(client, settings.bucket)) return false;
    } catch (error) {
      throw explained(error, 'look up', place);
    }
    return createBucket(client, settings, place);
  });
}

async function createBucket(
  client: S3Client,
  { bucket }: S3Settings,
  place: string,
): Promise<boolean> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return true;
  } catch (error) {
    const { name } = error as Error;
    if (name === 'BucketAlreadyOwnedByYou') return false;
    const why =
      httpStatus(error) === 403
        ? 'it is not there, and these credentials may not create it'
        : name === 'BucketAlreadyExists'
          ? 'somebody else owns one of that name'
          : undefined;
    if (why === undefined) throw explained(error, 'create', place);
    throw new UserError('failed', `${place}: ${why}`, {
      cause: error,
      hint: `have it created (aws s3 mb s3://${bucket}), or name another by ISTHMUS_S3_BUCKET`,
    });
  }
}

/** Writes, reads and deletes one small object; throws in one line what S3 says when any of it fails. */
export async function probeBucket(settings: S3Settings, key: string): Promise<void> {
  const object = { Bucket: settings.bucket, Key: key };
  await withClient(settings, async (client) => {
    try {
      await client.send(new PutObjectCommand({ ...object, Body: key }));
      const read = await client.send(new GetObjectCommand(object));
      const text = await read.Body?.transformToString();
      await client.send(new DeleteObjectCommand(object));
      if (text !== key) throw new Error(`S3 returned other bytes than were written to ${key}`);
    } catch (error) {
      throw explained(
        error,
        'use',
        `s3://${settings.bucket}/${key} at ${describeService(settings)}`,
      );
    }
  });
}

/** The same client, but for what it proves its identity with. */
const strangers: Readonly<Record<'nobody' | 'wrong-key', S3ClientConfig>> = {
  nobody: {
    signer: { sign: async (request) => request },
    credentials: { accessKeyId: '', secretAccessKey: '' },
  },
  'wrong-key': { credentials: { accessKeyId: 'AKIAISTHMUSDOCTOR000', secretAccessKey: 'wrong' } },
};

/** True where S3 turns this stranger away; a known key with a wrong secret is the harder case. */
export async function isRefused(
  settings: S3Settings,
  stranger: keyof typeof strangers,
): Promise<boolean> {
  const { accessKeyId } = settings;
  const known = stranger === 'wrong-key' && accessKeyId !== undefined;
  const options = known
    ? { credentials: { accessKeyId, secretAccessKey: 'wrong' } }
    : strangers[stranger];
  try {
    await withClient(settings, (client) => bucketExists(client, settings.bucket), options);
    return false;
  } catch (error) {
    if (httpStatus(error) === 403) return true;
    throw error;
  }
}
