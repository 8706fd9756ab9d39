/** Objects in an S3 bucket through the AWS SDK, which retries; persistent errors become one line. */
import { readFileSync } from 'node:fs';
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { TooLargeError, type Objects, type StoredObject } from './objects.js';
import { explained, httpStatus } from './s3-errors.js';

export interface S3Location {
  /** Undefined: the region's own endpoint at AWS. */
  readonly endpoint?: string | undefined;
  /** Undefined: the one of the SDK's configuration files. */
  readonly region?: string | undefined;
  readonly bucket: string;
  /** Without a pair of keys the SDK looks for credentials in its usual places. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  readonly forcePathStyle: boolean;
  /** A file of certificates that replace the usual authorities. */
  readonly caBundle?: string | undefined;
  readonly maxAttempts?: number | undefined;
}

const usualAttempts = 4;
const connectionTimeoutMs = 5_000;
/** Silence on an open connection. */
const socketTimeoutMs = 30_000;
/** One request as a whole: the largest blobs are hundreds of megabytes. */
const requestTimeoutMs = 300_000;

/** Variables that choose among AWS's endpoints are meant for AWS: at another endpoint the SDK would refuse to work. */
function placeOptions({ endpoint, region }: S3Location): S3ClientConfig {
  const at = region === undefined ? {} : { region };
  if (endpoint === undefined) return at;
  return { ...at, endpoint, useFipsEndpoint: false, useDualstackEndpoint: false };
}

function credentialOptions(location: S3Location): S3ClientConfig {
  const { accessKeyId, secretAccessKey, sessionToken } = location;
  if (accessKeyId === undefined || secretAccessKey === undefined) return {};
  const token = sessionToken === undefined ? {} : { sessionToken };
  return { credentials: { accessKeyId, secretAccessKey, ...token } };
}

export function connectS3(location: S3Location, options: S3ClientConfig = {}): S3Client {
  const { forcePathStyle, caBundle, maxAttempts = usualAttempts } = location;
  return new S3Client({
    ...placeOptions(location),
    ...credentialOptions(location),
    forcePathStyle,
    maxAttempts,
    requestHandler: {
      ...(caBundle === undefined ? {} : { httpsAgent: { ca: readFileSync(caBundle) } }),
      connectionTimeout: connectionTimeoutMs,
      socketTimeout: socketTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
    // We send and check sha256 ourselves; some servers know no other checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...options,
  });
}

/** For messages. */
export function describeService({ endpoint, region }: S3Location): string {
  return endpoint ?? (region === undefined ? 'AWS' : `AWS ${region}`);
}

export function s3Objects(location: S3Location): Objects {
  const bucket: Bucket = { client: connectS3(location), name: location.bucket };
  const service = describeService(location);
  const describe = (key: string): string => `s3://${bucket.name}/${key} at ${service}`;
  const told = async <T>(verb: string, key: string, request: Promise<T>): Promise<T> => {
    try {
      return await request;
    } catch (error) {
      throw error instanceof TooLargeError ? error : explained(error, verb, describe(key));
    }
  };
  return {
    describe,
    put: (key, bytes, sha256) => told('write', key, upload(bucket, key, bytes, sha256)),
    get: (key, maxBytes) => told('read', key, download(bucket, key, maxBytes)),
    head: (key) => told('look up', key, lookUp(bucket, key)),
  };
}

interface Bucket {
  readonly client: S3Client;
  readonly name: string;
}

async function upload(
  { client, name }: Bucket,
  key: string,
  bytes: Uint8Array,
  sha256: string,
): Promise<void> {
  await client.send(
    new PutObjectCommand({
      Bucket: name,
      Key: key,
      Body: bytes,
      ContentLength: bytes.byteLength,
      ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
    }),
  );
}

async function download(bucket: Bucket, key: string, maxBytes: number): Promise<Uint8Array | null> {
  try {
    const { Body, ContentLength = 0 } = await bucket.client.send(
      new GetObjectCommand({ Bucket: bucket.name, Key: key }),
    );
    if (Body === undefined) throw new Error('S3 sent no body');
    if (ContentLength <= maxBytes) return await Body.transformToByteArray();
    (Body as unknown as { destroy(): void }).destroy();
    throw new TooLargeError(ContentLength);
  } catch (error) {
    return nullIfMissing(bucket, error);
  }
}

async function lookUp(bucket: Bucket, key: string): Promise<StoredObject | null> {
  try {
    const { ContentLength = 0, ChecksumSHA256 } = await bucket.client.send(
      new HeadObjectCommand({ Bucket: bucket.name, Key: key, ChecksumMode: 'ENABLED' }),
    );
    const sha256 = ChecksumSHA256 && Buffer.from(ChecksumSHA256, 'base64').toString('hex');
    return { bytes: ContentLength, sha256: sha256 ?? null };
  } catch (error) {
    return nullIfMissing(bucket, error);
  }
}

/** To HEAD a missing bucket and a missing object look alike: the second request throws for the former. */
async function nullIfMissing({ client, name }: Bucket, error: unknown): Promise<null> {
  if (httpStatus(error) !== 404) throw error;
  await client.send(new HeadBucketCommand({ Bucket: name }));
  return null;
}
