/** sha256 as lower-case hex: names of blobs, keys of runs, checks of files. */
import { createHash } from 'node:crypto';

/** Text is hashed as UTF-8. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
