/** Audits a whole bucket through the AWS SDK: hashes, lists and removes objects. */
import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { AbandonedUpload, BucketAudit, ListedObject } from './bucket-audit.js';
import { explained, httpStatus } from './s3-errors.js';
import { connectS3, describeService, type S3Location } from './s3-objects.js';

/** Written anew whenever somebody asks for the time. */
const clockKey = 'gc/clock';

export function auditBucket(location: S3Location): BucketAudit {
  const client = connectS3(location);
  const { bucket: Bucket } = location;
  const service = describeService(location);
  const told = async <T>(verb: string, key: string, request: Promise<T>): Promise<T> => {
    try {
      return await request;
    } catch (error) {
      throw explained(error, verb, `s3://${Bucket}/${key} at ${service}`);
    }
  };
  const lastModified = (key: string): Promise<Date | null> =>
    told('look up', key, whenModified(client, Bucket, key));
  return {
    hash: (key) => told('read', key, hash(client, Bucket, key)),
    async *list(prefix) {
      for (let from: string | undefined, more = true; more;) {
        const page = await told('list', prefix, listPage(client, Bucket, prefix, from));
        yield page.objects;
        from = page.next;
        more = from !== undefined;
      }
    },
    lastModified,
    async remove(Key, abortSignal) {
      const command = new DeleteObjectCommand({ Bucket, Key });
      await told('delete', Key, client.send(command, { ...(abortSignal ? { abortSignal } : {}) }));
    },
    async *unfinishedUploads(prefix) {
      for (let from: UploadMarker | undefined = {}; from;) {
        const listing = uploadsPage(client, Bucket, prefix, from);
        const page: UploadsPage = await told('list uploads below', prefix, listing);
        yield page.uploads;
        from = page.next;
      }
    },
    async abort({ key: Key, uploadId: UploadId }) {
      const command = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
      await told('abort the upload of', Key, client.send(command));
    },
    async now() {
      const command = new PutObjectCommand({ Bucket, Key: clockKey, Body: new Uint8Array(0) });
      await told('write', clockKey, client.send(command));
      return (await lastModified(clockKey)) ?? new Date(0);
    },
    close: () => client.destroy(),
  };
}

async function hash(client: S3Client, Bucket: string, Key: string) {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    const digest = createHash('sha256');
    let bytes = 0;
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      digest.update(chunk);
      bytes += chunk.byteLength;
    }
    return { digest: digest.digest('hex'), bytes };
  } catch (error) {
    return nullIfMissing(error);
  }
}

async function whenModified(client: S3Client, Bucket: string, Key: string): Promise<Date | null> {
  try {
    const { LastModified } = await client.send(new HeadObjectCommand({ Bucket, Key }));
    if (LastModified === undefined) throw new Error('S3 does not say when it was written');
    return LastModified;
  } catch (error) {
    return nullIfMissing(error);
  }
}

interface ObjectsPage {
  readonly objects: readonly ListedObject[];
  readonly next: string | undefined;
}

async function listPage(
  client: S3Client,
  Bucket: string,
  Prefix: string,
  ContinuationToken: string | undefined,
): Promise<ObjectsPage> {
  const command = new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken });
  const { Contents = [], IsTruncated, NextContinuationToken } = await client.send(command);
  const objects = Contents.flatMap(({ Key, Size, LastModified }) =>
    Key === undefined || LastModified === undefined
      ? []
      : [{ key: Key, bytes: Size ?? 0, lastModified: LastModified }],
  );
  return { objects, next: IsTruncated ? NextContinuationToken : undefined };
}

interface UploadMarker {
  readonly KeyMarker?: string | undefined;
  readonly UploadIdMarker?: string | undefined;
}

interface UploadsPage {
  readonly uploads: readonly AbandonedUpload[];
  readonly next: UploadMarker | undefined;
}

async function uploadsPage(
  client: S3Client,
  Bucket: string,
  Prefix: string,
  from: UploadMarker,
): Promise<UploadsPage> {
  const page = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...from }));
  const uploads = (page.Uploads ?? []).flatMap(({ Key, UploadId, Initiated }) =>
    Key && UploadId && Initiated ? [{ key: Key, uploadId: UploadId, begunAt: Initiated }] : [],
  );
  const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
  return { uploads, next: IsTruncated ? { KeyMarker, UploadIdMarker } : undefined };
}

function nullIfMissing(error: unknown): null {
  if (httpStatus(error) === 404) return null;
  throw error;
}
