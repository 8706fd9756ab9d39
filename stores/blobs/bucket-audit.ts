/** Port: bucket operations of `verify` and `gc`; implemented in s3-audit.ts. */
import type { ArtifactRef } from '../../experiment/records/records.js';

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly lastModified: Date;
}

export interface AbandonedUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly begunAt: Date;
}

export interface BucketAudit {
  /** Digest and size of the stored object, read as a stream; null if there is none. */
  hash(key: string): Promise<ArtifactRef | null>;
  /** Every object below the prefix, in pages. */
  list(prefix: string): AsyncIterable<readonly ListedObject[]>;
  /** Null if it is gone. */
  lastModified(key: string): Promise<Date | null>;
  remove(key: string, signal?: AbortSignal): Promise<void>;
  /** Uploads in parts that were begun and never completed. */
  unfinishedUploads(prefix: string): AsyncIterable<readonly AbandonedUpload[]>;
  abort(upload: AbandonedUpload): Promise<void>;
  /** The server's own time: ages by any other clock may be wrong. */
  now(): Promise<Date>;
  close(): void;
}
