/** A bundle unpacked and used where nothing else is, and the same computed by this checkout. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../../settings/paths.js';
import type { Device } from '../../../settings/settings.js';
import { cleanEnv } from '../../environment.js';
import { copySystemLibraries, runInRoot } from './empty-root.js';

const compute = join(import.meta.dirname, 'compute.mjs');

/** Unpacks it with install.py in a root that holds Python and the system alone; gives the root to compute in. */
export function unpackedAlone(bundle: string, folder: string): string {
  const root = mkdtempSync(join(folder, 'root-'));
  const asked = 'import sys; print(sys.executable, sys.base_prefix, sep="\\n")';
  const [python, prefix] = execFileSync('python3', ['-c', asked], { encoding: 'utf8' }).split('\n');
  const system = ['/usr', '/lib', '/lib64', prefix!].filter(existsSync);
  runInRoot(
    mkdtempSync(join(folder, 'python-')),
    [python!, join(bundle, 'install.py'), join(root, 'bundle')],
    [...new Set(system), bundle, `+${root}`],
  );
  return root;
}

export function computedOffline(root: string, device: Device): unknown {
  const own = (...names: readonly string[]) => join(root, 'bundle', ...names);
  const name = device === 'gpu' ? 'tfjs-node-gpu' : 'tfjs-node';
  const libraries = own('isthmus/node_modules/@tensorflow', name, 'deps/lib');
  const native = readdirSync(libraries).map((file) => join(libraries, file));
  copySystemLibraries(root, [own('bin/node'), ...native]);
  copyFileSync(compute, join(root, 'compute.mjs'));
  const command = ['/bundle/bin/node', '/compute.mjs', '/bundle/isthmus', device];
  return JSON.parse(runInRoot(root, command));
}

export function computedHere(device: Device): unknown {
  const env = { ...cleanEnv(), TF_NUM_INTRAOP_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '3' };
  const args = [compute, repositoryRoot, device];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env }));
}

/** Files in which a path of this checkout is left. */
export function namesOwnFolders(root: string): readonly string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && /\.(js|json|map|py|node)$/.test(entry.name),
  );
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return paths.filter((path) => readFileSync(path).includes(repositoryRoot));
}
