/** Sizes of files that may be missing. */
import { statSync } from 'node:fs';

/** Null where there is none. */
export function fileSize(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
