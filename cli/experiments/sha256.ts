/** For plans and their keys: sha256 of UTF-8 text, lower-case hex. */
import { createHash } from 'node:crypto';

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
