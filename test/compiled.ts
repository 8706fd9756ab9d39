/** Where the compiled form of a source file is, for tests that start processes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDir } from '../settings/paths.js';

export function compiled(source: string): string {
  const path = join(generatedDir, 'build', source.replace(/\.ts$/, '.js'));
  if (!existsSync(path)) throw new Error(`${source} is not compiled; run npm run setup`);
  return path;
}
