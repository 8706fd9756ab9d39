/** Real bundles: the same bytes twice, and they compute where nothing else is: no Node, no network, no set-up. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { generatedDir, repositoryRoot } from '../../../settings/paths.js';
import type { Device } from '../../../settings/settings.js';
import { isthmus } from '../../cli/isthmus.js';
import { cleanEnv } from '../../environment.js';
import { copySystemLibraries, obstacle, runInRoot } from './empty-root.js';

mkdirSync(join(generatedDir, 'test'), { recursive: true });
const folder = mkdtempSync(join(generatedDir, 'test', 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const minutes = 60_000;
const compute = join(import.meta.dirname, 'compute.mjs');

async function made(name: string, ...options: readonly string[]): Promise<string> {
  const output = join(folder, name);
  const { code, stderr } = await isthmus(cleanEnv(), 'bundle', '-o', output, ...options);
  if (code !== 0) throw new Error(stderr);
  return output;
}

/** Unpacks it with install.py in a root that holds Python and the system alone; gives the root to compute in. */
function unpacked(bundle: string): string {
  const root = mkdtempSync(join(folder, 'root-'));
  const asked = 'import sys; print(sys.executable, sys.base_prefix, sep="\n")';
  const [python, prefix] = execFileSync('python3', ['-c', asked], { encoding: 'utf8' }).split('\n');
  const system = ['/usr', '/lib', '/lib64', prefix!].filter(existsSync);
  runInRoot(
    mkdtempSync(join(folder, 'python-')),
    [python!, join(bundle, 'install.py'), join(root, 'bundle')],
    [...new Set(system), bundle, `+${root}`],
  );
  return root;
}

function computedOffline(root: string, device: Device): unknown {
  const own = (...names: readonly string[]) => join(root, 'bundle', ...names);
  const name = device === 'gpu' ? 'tfjs-node-gpu' : 'tfjs-node';
  const libraries = own('isthmus/node_modules/@tensorflow', name, 'deps/lib');
  const native = readdirSync(libraries).map((file) => join(libraries, file));
  copySystemLibraries(root, [own('bin/node'), ...native]);
  copyFileSync(compute, join(root, 'compute.mjs'));
  const command = ['/bundle/bin/node', '/compute.mjs', '/bundle/isthmus', device];
  return JSON.parse(runInRoot(root, command));
}

function computedHere(device: Device): unknown {
  const env = { ...cleanEnv(), TF_NUM_INTRAOP_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '3' };
  const args = [compute, repositoryRoot, device];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env }));
}

/** Files in which a path of this checkout is left. */
function namesOwnFolders(root: string): readonly string[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(js|json|map|py|node)$/.test(name),
  );
  return files.filter((name) => readFileSync(join(root, name)).includes(repositoryRoot));
}

it(
  'a bundle for CPUs: the same bytes twice; unpacked alone it computes what the repository does',
  async ({ skip }) => {
    const why = obstacle();
    if (why !== null) skip(why);
    const [one, other] = [
      await made('one', '--device', 'cpu'),
      await made('other', '--device', 'cpu'),
    ];
    expect(readdirSync(one)).toEqual(['bundle.json', 'install.py', 'isthmus-cpu.tar.xz']);
    for (const name of readdirSync(one)) {
      expect(readFileSync(join(other, name)).equals(readFileSync(join(one, name)))).toBe(true);
    }
    const root = unpacked(one);
    expect(computedOffline(root, 'cpu')).toEqual(computedHere('cpu'));
    expect(namesOwnFolders(join(root, 'bundle'))).toEqual([]);
  },
  120 * minutes,
);

it(
  'a bundle for GPUs of one architecture: below 180 MB; unpacked alone it computes on the CPU',
  async ({ skip }) => {
    const why = obstacle();
    if (why !== null) skip(why);
    if (!existsSync(join(generatedDir, 'tools/tensorflow-gpu'))) {
      skip('the GPU build of TensorFlow is not installed: ISTHMUS_DEVICE=gpu npm run setup');
    }
    const options = ['--device', 'gpu', '--arch', 'sm_90', '--split', '57M'];
    const bundle = await made('gpu', ...options);
    const { archive } = JSON.parse(readFileSync(join(bundle, 'bundle.json'), 'utf8')) as {
      archive: { size: number };
    };
    expect(archive.size).toBeLessThan(180e6);
    expect(computedOffline(unpacked(bundle), 'gpu')).toEqual(computedHere('gpu'));
  },
  120 * minutes,
);
