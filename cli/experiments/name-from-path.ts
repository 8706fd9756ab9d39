/** A name for what a file or folder holds. */
import { basename } from 'node:path';

/** That of the file or folder, as far as a name may be like it. */
export function nameFromPath(path: string, otherwise: string): string {
  const letters = basename(path)
    .replace(/\.[a-z]+$/i, '')
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '');
  return letters === '' ? otherwise : letters.slice(0, 40);
}
