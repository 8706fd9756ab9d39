/** Objects in an S3 bucket through the AWS SDK, which retries; what it cannot cure is told as one line. */
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { UserError } from '../experiment/errors.js';
import { TooLargeError, type Objects } from './objects.js';

export interface S3Location {
  /** Undefined: the region's own endpoint at AWS. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** Without a pair of keys the SDK looks for credentials in its usual places. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly forcePathStyle: boolean;
}

const maxAttempts = 4;
const connectionTimeoutMs = 5_000;
/** Silence on an open connection. */
const socketTimeoutMs = 30_000;
/** One request as a whole: the largest blobs are hundreds of megabytes. */
const requestTimeoutMs = 300_000;

export function connectS3(location: S3Location): S3Client {
  const { endpoint, region, forcePathStyle, accessKeyId, secretAccessKey } = location;
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    region,
    forcePathStyle,
    maxAttempts,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      socketTimeout: socketTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
    // We send and check sha256 ourselves; some servers know no other checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

export function s3Objects(location: S3Location): Objects {
  const client = connectS3(location);
  const { bucket, endpoint = `AWS ${location.region}` } = location;
  const describe = (key: string): string => `s3://${bucket}/${key} at ${endpoint}`;
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  const request = async <T>(verb: string, key: string, send: () => Promise<T>): Promise<T> => {
    try {
      return await send();
    } catch (error) {
      throw error instanceof TooLargeError ? error : explained(error, verb, describe(key));
    }
  };
  const upload = (key: string, bytes: Uint8Array, sha256: string, onlyIfAbsent: boolean) =>
    client.send(
      new PutObjectCommand({
        ...at(key),
        Body: bytes,
        ContentLength: bytes.byteLength,
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
        ...(onlyIfAbsent ? { IfNoneMatch: '*' } : {}),
      }),
    );
  /** A missing bucket and a missing object look alike to HEAD. */
  const missing = async (): Promise<null> => {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return null;
  };

  return {
    describe,
    putIfAbsent: (key, bytes, sha256) =>
      request('write', key, async () => {
        try {
          await upload(key, bytes, sha256, true);
          return true;
        } catch (error) {
          // 412: it is there; 409: another upload of it is under way.
          if ([409, 412].includes(statusOf(error) ?? 0)) return false;
          throw error;
        }
      }),
    put: (key, bytes, sha256) =>
      request('write', key, async () => void (await upload(key, bytes, sha256, false))),
    get: (key, maxBytes) =>
      request('read', key, async () => {
        try {
          const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand(at(key)));
          if (Body === undefined) throw new Error('S3 sent no body');
          if (ContentLength <= maxBytes) return await Body.transformToByteArray();
          (Body as unknown as { destroy(): void }).destroy();
          throw new TooLargeError(ContentLength);
        } catch (error) {
          if (statusOf(error) === 404) return missing();
          throw error;
        }
      }),
    head: (key) =>
      request('look up', key, async () => {
        try {
          const command = new HeadObjectCommand({ ...at(key), ChecksumMode: 'ENABLED' });
          const { ContentLength = 0, ChecksumSHA256 } = await client.send(command);
          const sha256 = ChecksumSHA256 && Buffer.from(ChecksumSHA256, 'base64').toString('hex');
          return { bytes: ContentLength, sha256: sha256 ?? null };
        } catch (error) {
          if (statusOf(error) === 404) return missing();
          throw error;
        }
      }),
  };
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

const byStatus: Readonly<Record<number, string>> = {
  301: 'the bucket is in another region',
  403: 'access denied: wrong credentials, or no right to do this',
  404: 'there is no such bucket',
  503: 'S3 is overloaded',
};

function explained(error: unknown, verb: string, place: string): UserError {
  const { message, code } = error as Error & { readonly code?: string };
  const said = message.split('\n')[0] || code || 'no answer';
  const why = byStatus[statusOf(error) ?? 0] ?? said;
  return new UserError('dependency-down', `cannot ${verb} ${place}: ${why}`, {
    cause: error,
    hint: './isthmus up starts the local one; ISTHMUS_S3_ENDPOINT and ISTHMUS_S3_BUCKET name another',
  });
}
