/** Port: the few things a blob store asks of a bucket; its adapters are the only files that import a vendor's client. */

export interface StoredObject {
  readonly bytes: number;
  /** Lower-case hex, where the server computed it at the upload. */
  readonly sha256: string | null;
}

export interface Objects {
  /** Where a key is, for messages: no credentials. */
  describe(key: string): string;
  put(key: string, bytes: Uint8Array, sha256: string): Promise<void>;
  /** Null if there is none; throws `TooLargeError` before it reads more than `maxBytes`. */
  get(key: string, maxBytes: number): Promise<Uint8Array | null>;
  /** Null if there is none. */
  head(key: string): Promise<StoredObject | null>;
}

export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
  readonly bytes: number;

  constructor(bytes: number) {
    super(`an object of ${bytes} bytes`);
    this.bytes = bytes;
  }
}
