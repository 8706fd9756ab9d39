/** bundle.json: what a bundle is, every digest, every licence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../../settings/paths.js';
import type { Device } from '../../settings/settings.js';
import type { License } from './licenses.js';
import type { Packed } from './pack.js';

/** Raised when install.py of before could not read it. */
const format = 1;

export interface Target {
  readonly device: Device;
  /** Such as sm_90; null keeps the GPU code of all architectures. */
  readonly architectures: readonly string[] | null;
  /** Whether the machine can serve a task queue, and not only compute. */
  readonly worker: boolean;
}

export function manifest(
  { device, architectures, worker }: Target,
  owned: readonly License[],
  { archive, parts, files }: Packed,
): string {
  const own = readFileSync(join(repositoryRoot, 'package.json'), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(own));
  const licenses = owned.map(({ name, version, license, entries }) => ({
    ...{ name, version, license },
    files: entries.map(({ path }) => path),
  }));
  const target = { device, arch: architectures, worker };
  const document = { format, version, ...target, archive, parts, licenses, files };
  return `${JSON.stringify(document, null, 2)}\n`;
}
