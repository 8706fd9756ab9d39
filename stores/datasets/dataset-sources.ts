/** Sources of published data set files: a folder, an http(s) URL or an S3 prefix. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { UserError } from '../../experiment/errors.js';
import { httpStatus } from '../blobs/s3-errors.js';
import { connectS3, type S3Location } from '../blobs/s3-objects.js';

interface Opened {
  /** The first byte that comes: what was asked for, or 0 where the source cannot begin there. */
  readonly from: number;
  readonly bytes: Readable;
}

export interface DatasetSource {
  /** For messages. */
  describe(name: string): string;
  /** The file from that byte on. */
  open(name: string, from: number, signal: AbortSignal): Promise<Opened>;
}

/** `s3` is asked for only where the address is of that kind. */
export function datasetSource(
  address: string,
  s3: () => Omit<S3Location, 'bucket'>,
): DatasetSource {
  const bare = address.replace(/\/+$/, '');
  if (isHttp(bare)) return httpSource((name) => `${bare}/${name}`);
  if (bare.startsWith('s3://')) return s3Source(bare, s3());
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(bare)) {
    throw new UserError('usage', `${address}: not a folder, nor an http, https or s3 address`);
  }
  return folderSource(address);
}

function folderSource(folder: string): DatasetSource {
  const describe = (name: string): string => join(folder, name);
  const open = async (name: string, start: number): Promise<Opened> => {
    const bytes = createReadStream(describe(name), { start });
    await new Promise<void>((resolve, reject) => {
      bytes.once('open', () => resolve());
      bytes.once('error', (cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
        reject(new UserError('bad-input', `cannot read ${describe(name)}: ${why}`, { cause }));
      });
    });
    return { from: start, bytes };
  };
  return { describe, open };
}

function isHttp(address: string): boolean {
  return /^https?:\/\//.test(address);
}

/** The one file at an http(s) address. */
export function fileSource(address: string): DatasetSource {
  if (isHttp(address)) return httpSource(() => address);
  throw new UserError('failed', `${address}: not an http or https address`);
}

function httpSource(describe: (name: string) => string): DatasetSource {
  const open = async (name: string, from: number, signal: AbortSignal): Promise<Opened> => {
    const headers: Record<string, string> = {
      // The bytes as they are stored: the digest is that of the compressed file.
      'Accept-Encoding': 'identity',
      ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
    };
    const answer = await fetch(describe(name), { headers, signal }).catch((cause: unknown) => {
      if (signal.aborted) throw cause;
      throw unreachable(describe(name), errorReason(cause), cause);
    });
    if ((answer.status === 200 || answer.status === 206) && answer.body !== null) {
      const bytes = Readable.fromWeb(answer.body);
      return { from: answer.status === 206 ? from : 0, bytes };
    }
    await answer.body?.cancel();
    const what = `${describe(name)}: the server answered ${answer.status}`;
    throw new UserError(answer.status >= 500 ? 'dependency-down' : 'bad-input', what);
  };
  return { describe, open };
}

function s3Source(address: string, location: Omit<S3Location, 'bucket'>): DatasetSource {
  const [bucket = '', ...prefix] = address.slice('s3://'.length).split('/');
  const describe = (name: string): string => `${address}/${name}`;
  const client = connectS3({ ...location, bucket });
  const open = async (name: string, from: number, signal: AbortSignal): Promise<Opened> => {
    const Key = [...prefix, name].join('/');
    const Range = from > 0 ? `bytes=${from}-` : undefined;
    try {
      const { Body, ContentRange } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key, Range }),
        { abortSignal: signal },
      );
      if (!(Body instanceof Readable)) throw new Error('S3 sent no body');
      return { from: ContentRange === undefined ? 0 : from, bytes: Body };
    } catch (cause) {
      if (signal.aborted) throw cause;
      if (httpStatus(cause) !== 404) throw unreachable(describe(name), errorReason(cause), cause);
      throw new UserError('bad-input', `${describe(name)}: there is no such object`, { cause });
    }
  };
  return { describe, open };
}

/** The innermost reason: fetch itself says no more than that it failed. */
function errorReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? errorReason(error.cause) : error.message || error.name;
}

function unreachable(place: string, why: string, cause: unknown): UserError {
  return new UserError('dependency-down', `cannot read ${place}: ${why}`, {
    cause,
    hint: 'the same command goes on from where it stopped; --from names another address or a folder',
  });
}
