/**
 * Checks whether engines can compute on a device: its libraries by name, then operations against float64 values. The
 * report goes to the process that started this one, or as JSON to standard output: `node engine/check/main.js gpu`.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { engineLayout } from '../../settings/engines.js';
import { visibleGpus } from '../../settings/gpus.js';
import { readVariables } from '../../settings/variables.js';
import { computingEnvironment } from '../native-environment.js';
import { cudaLibraries } from './libraries.js';
import type { ComputedCheck, DeviceReport, LoadedLibrary } from './records.js';

/** For a GPU newer than the library its driver compiles every kernel first. */
const patienceMs = 15 * 60_000;
const keptCharacters = 4096;

const device = process.argv[2] === 'gpu' ? 'gpu' : 'cpu';
const found = await report();
if (process.send) process.send(found, () => process.disconnect());
else process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);

async function report(): Promise<DeviceReport> {
  const { env } = process;
  const variables = readVariables(env);
  const { ISTHMUS_DEVICE_FALLBACK: fallback = '', ISTHMUS_GPU_MEMORY_MB: memoryMb } = variables;
  const visible = device === 'gpu' ? visibleGpus(env['CUDA_VISIBLE_DEVICES']) : [];
  const { threads } = engineLayout(variables, device === 'gpu' ? visible : null);
  const choices = { device, threads: threads.large, precision: 'float32', memoryMb } as const;
  const own = computingEnvironment(env, { ...choices, visible: visible.slice(0, 1) });
  const libraries = device === 'gpu' ? await loadAll(own) : [];
  const ended = await hear<ComputedCheck>('compute.js', [device, fallback], own);
  const failure = ended.said || `the process that computes ended with ${ended.code}`;
  return { visible, libraries, computed: ended.heard.at(-1) ?? { failure } };
}

async function loadAll(env: NodeJS.ProcessEnv): Promise<DeviceReport['libraries']> {
  const found = new Map<string, string | null>();
  for (;;) {
    const rest = cudaLibraries.filter(({ name }) => !found.has(name)).map(({ name }) => name);
    if (rest.length === 0) break;
    // One that ends its process is the last of which this one tells.
    const { heard } = await hear<LoadedLibrary>('load-libraries.js', rest, env);
    for (const { name, error } of heard) found.set(name, error);
    if (heard.length === 0) found.set(rest[0]!, 'no process could be started to load it');
  }
  return cudaLibraries.map((library) => ({ ...library, error: found.get(library.name) ?? null }));
}

interface Ended<T> {
  readonly heard: readonly T[];
  /** The last line of its standard error. */
  readonly said: string;
  readonly code: number | string | null;
}

/** Messages of a process of the same build, until it ends. */
function hear<T>(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ended<T>> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(path, [...args], {
    env,
    serialization: 'advanced',
    timeout: patienceMs,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const heard: T[] = [];
  let said = '';
  child.stderr?.on('data', (data: Buffer) => (said = (said + String(data)).slice(-keptCharacters)));
  child.on('message', (message) => void heard.push(message as T));
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ heard, said: message, code: null }));
    child.once('close', (code, signal) => {
      resolve({ heard, said: said.trim().split('\n').at(-1) ?? '', code: code ?? signal });
    });
  });
}
