/** An offline bundle: everything that an engine and the proof kit need on a machine without a network. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../settings/paths.js';
import { fetchCudaRuntime } from './cuda-runtime.js';
import { refuseUnheld } from './gpu-code/keep-architectures.js';
import { licenses } from './licenses.js';
import { manifest, type Target } from './manifest.js';
import { libraries, nativeParts, refuseSharedNode, refuseWithoutSetUp } from './native-parts.js';
import { refuseOccupied, withDraft } from './output-folder.js';
import { pack } from './pack.js';
import { programEntries, programFiles } from './program.js';
import { requireProgram } from './run-program.js';

export interface BundleOptions extends Target {
  readonly output: string;
  /** Null writes one archive. */
  readonly partBytes: number | null;
}

export interface Bundle {
  readonly archive: { readonly name: string; readonly size: number; readonly sha256: string };
  readonly parts: readonly { readonly name: string; readonly size: number }[];
  readonly files: number;
  readonly unpackedBytes: number;
}

/** `say` takes a line for every step that takes long. */
export async function makeBundle(
  options: BundleOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Bundle> {
  await refuseEarly(options);
  const { device, output, partBytes } = options;
  if (device === 'gpu') await fetchCudaRuntime(signal);
  return withDraft(output, async (draft) => {
    const work = join(draft, 'work');
    mkdirSync(work);
    say('looking for what is loaded ...');
    const files = await programFiles(options);
    say('stripping the native libraries ...');
    const native = await nativeParts({ ...options, work, signal });
    const owned = licenses(device, files);
    const texts = owned.flatMap(({ entries }) => entries);
    say('compressing ...');
    const entries = [...native, ...programEntries(files), ...texts];
    const name = `isthmus-${device}.tar.xz`;
    const packed = await pack(entries, { folder: draft, name, partBytes, signal });
    rmSync(work, { recursive: true });
    writeFileSync(join(draft, 'bundle.json'), manifest(options, owned, packed));
    copyFileSync(join(repositoryRoot, 'infra/bundle/install.py'), join(draft, 'install.py'));
    const unpackedBytes = packed.files.reduce((sum, { size }) => sum + size, 0);
    return { ...packed, files: packed.files.length, unpackedBytes };
  });
}

/** Before anything takes long. */
async function refuseEarly({ device, architectures, output }: BundleOptions): Promise<void> {
  refuseOccupied(output);
  refuseWithoutSetUp(device);
  refuseSharedNode();
  await requireProgram('strip', 'apt install binutils');
  await requireProgram('python3', 'apt install python3');
  if (architectures === null) return;
  refuseUnheld(
    architectures,
    libraries(device).map((path) => join(repositoryRoot, path)),
  );
}
