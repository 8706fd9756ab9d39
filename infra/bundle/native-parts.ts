/** Native files of a bundle: Node, the addon, TensorFlow's libraries and the CUDA runtime, without symbol tables. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../experiment/errors.js';
import { repositoryRoot, toolsDir } from '../../settings/paths.js';
import type { Device } from '../../settings/settings.js';
import { dataEntry, type Entry } from './entry.js';
import type { Target } from './manifest.js';
import { keepArchitectures } from './gpu-code/keep-architectures.js';
import { programOutput } from './run-program.js';

const libraryNames = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const cudaRuntime = 'libcudart.so.12';
/** Temporal's client library; the package holds it for other systems too. */
const coreBridge =
  'node_modules/@temporalio/core-bridge/releases/x86_64-unknown-linux-gnu/index.node';

/** Folder of the device's tfjs package in the repository. */
export function devicePackage(device: Device): string {
  return `node_modules/@tensorflow/${device === 'gpu' ? 'tfjs-node-gpu' : 'tfjs-node'}`;
}

function addon(device: Device): string {
  return `${devicePackage(device)}/lib/napi-v8/tfjs_binding.node`;
}

/** TensorFlow's libraries where the addon looks for them. */
export function libraries(device: Device): readonly string[] {
  return libraryNames.map((name) => `${devicePackage(device)}/deps/lib/${name}`);
}

/** Throws a one-line UserError with the command that installs what is missing. */
export function refuseWithoutSetUp(device: Device, root = repositoryRoot): void {
  const needed = [addon(device), ...libraries(device), '.isthmus/build/engine/process/main.js'];
  const missing = needed.find((path) => !existsSync(join(root, path)));
  if (missing === undefined) return;
  const command = `ISTHMUS_DEVICE=${device} npm run setup`;
  throw new UserError('failed', `${missing} is missing: ${command}`);
}

/** Distributions link Node to libraries of their own; those of another machine may be different or absent. */
export function refuseSharedNode(variables: object = process.config.variables): void {
  const shared = Object.entries(variables).filter(
    ([name, value]) => name.startsWith('node_shared') && (value === true || value === 'true'),
  );
  if (shared.length === 0) return;
  const message = `this Node needs libraries beside it (${shared[0]![0]}): use one from nodejs.org`;
  throw new UserError('failed', message);
}

interface NativeOptions extends Target {
  /** Takes the stripped copies. */
  readonly work: string;
  readonly signal: AbortSignal;
}

export async function nativeParts(options: NativeOptions): Promise<readonly Entry[]> {
  const { device, architectures, worker } = options;
  const node = await stripped({ path: 'bin/node', source: process.execPath }, options);
  const tensorflow = await strippedParts(libraries(device), options);
  if (architectures !== null) {
    for (const { source } of tensorflow) keepArchitectures(source, architectures);
  }
  const addons = [addon(device), ...(worker ? [coreBridge] : [])];
  return [
    { ...node, executable: true },
    ...tensorflow,
    ...(await strippedParts(addons, options)),
    ...(device === 'gpu' ? [runtime()] : []),
  ];
}

/** One after the other: the largest takes as much memory as it is long. */
async function strippedParts(
  paths: readonly string[],
  options: NativeOptions,
): Promise<readonly Entry[]> {
  const entries = [];
  for (const path of paths) {
    const part = { path: `isthmus/${path}`, source: join(repositoryRoot, path) };
    entries.push(await stripped(part, options));
  }
  return entries;
}

function runtime(): Entry {
  return dataEntry(`lib/${cudaRuntime}`, join(toolsDir, 'cuda-runtime', 'lib', cudaRuntime));
}

async function stripped(
  { path, source }: Pick<Entry, 'path' | 'source'>,
  { work, signal }: NativeOptions,
): Promise<Entry> {
  const copy = join(work, path);
  mkdirSync(dirname(copy), { recursive: true });
  await programOutput(['strip', '--strip-unneeded', '-o', copy, source], { signal });
  return dataEntry(path, copy);
}
