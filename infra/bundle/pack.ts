/** Packs entries into a tar archive compressed with xz, whole or in parts. */
import { join } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../../settings/paths.js';
import type { Entry } from './entry.js';
import { programOutput } from './run-program.js';

const described = z.strictObject({ size: z.int(), sha256: z.string() });
const file = described.extend({ path: z.string(), executable: z.boolean() });
const packed = z.strictObject({
  files: z.array(file),
  archive: described.extend({ name: z.string() }),
  /** In order; the archive itself where it is not split. */
  parts: z.array(described.extend({ name: z.string() })),
});

export type Packed = Readonly<z.infer<typeof packed>>;

interface PackOptions {
  readonly folder: string;
  readonly name: string;
  /** Null does not split. */
  readonly partBytes: number | null;
  readonly signal: AbortSignal;
}

/** The bytes depend on paths, contents and xz alone: not on times, owners or the number of cores. */
export async function pack(entries: readonly Entry[], options: PackOptions): Promise<Packed> {
  const { folder, name, partBytes, signal } = options;
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const input = JSON.stringify({ folder, name, partBytes, entries: sorted });
  const script = join(repositoryRoot, 'infra', 'bundle', 'pack.py');
  return packed.parse(JSON.parse(await programOutput(['python3', script], { signal, input })));
}
