/** Bundles of a few bytes, packed and unpacked by the very scripts that real ones are. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataEntry, type Entry } from '../../../infra/bundle/entry.js';
import { manifest } from '../../../infra/bundle/manifest.js';
import { pack } from '../../../infra/bundle/pack.js';
import { repositoryRoot } from '../../../settings/paths.js';

export const never = new AbortController().signal;

/** Writes the contents below the folder and gives an entry for each. */
export function entriesIn(
  folder: string,
  contents: Readonly<Record<string, string | Uint8Array>>,
): readonly Entry[] {
  return Object.entries(contents).map(([path, content]) => {
    const source = join(folder, path);
    mkdirSync(dirname(source), { recursive: true });
    writeFileSync(source, content);
    return { ...dataEntry(path, source), executable: path.startsWith('bin/') };
  });
}

export const contents = {
  'bin/node': 'a program',
  'isthmus/package.json': '{}',
  'isthmus/empty': '',
};

/** Makes the folder `out`: a bundle with parts of `partBytes`. */
export async function tinyBundle(folder: string, partBytes: number | null): Promise<string> {
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  const entries = entriesIn(join(folder, 'sources'), contents);
  const options = { folder: out, name: 'isthmus-cpu.tar.xz', partBytes, signal: never };
  const packed = await pack(entries, options);
  const target = { device: 'cpu', architectures: null, worker: false } as const;
  writeFileSync(join(out, 'bundle.json'), manifest(target, [], packed));
  copyFileSync(join(repositoryRoot, 'infra/bundle/install.py'), join(out, 'install.py'));
  return out;
}

export function install(bundle: string, target: string) {
  const { status, stdout, stderr } = spawnSync('python3', [join(bundle, 'install.py'), target], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

interface Listed {
  path: string;
  size: number;
  sha256: string;
  executable: boolean;
}

interface Manifest {
  format: number;
  archive: { name: string; size: number; sha256: string };
  parts: { name: string; size: number; sha256: string }[];
  files: Listed[];
}

/** Rewrites bundle.json. */
export function lie(bundle: string, change: (manifest: Manifest) => void): void {
  const path = join(bundle, 'bundle.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}
