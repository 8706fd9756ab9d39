/** Whether TensorFlow loads, finds every library under its name, and computes on the device that was asked for. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startOwn, using, type ProofContext } from '../context.js';
import type { Tell } from '../findings.js';
import { soughtLibraries, type Sought } from './linker-log.js';

const about = z.object({ version: z.string(), threads: z.number(), usesGpu: z.boolean() });

const gpuSchema = z
  .object({
    card: z.object({ name: z.string(), driver: z.string() }).nullable(),
    libraries: z.record(z.string(), z.string()),
    switches: z.record(z.string(), z.string()),
  })
  .nullable();

/** Libraries that a reader wants to see; those that were not found are listed whatever they are. */
const telling = /tensorflow|cu|nv|nccl/;
/** TensorFlow does without them. */
const optional = /libcupti|libnccl|libnvidia-ml|libnvshmem|libnvinfer/;

export async function load(context: ProofContext, tell: Tell): Promise<void> {
  const folder = join(context.work, 'linker');
  mkdirSync(folder, { recursive: true });
  const environment = {
    LD_DEBUG: 'libs',
    LD_DEBUG_OUTPUT: join(folder, 'log'),
    TF_CPP_MIN_LOG_LEVEL: '0',
  };
  const peer = startOwn(context, { name: 'load', precision: 'float32', environment });
  try {
    await using(peer, async () => {
      const { version, threads, usesGpu } = about.parse(await peer.ask({ command: 'about' }));
      tellGpu(gpuSchema.parse(await peer.ask({ command: 'gpu' })), tell);
      const request = { command: 'peak', precision: 'float32' };
      const operations = z.number().parse(await peer.ask(request));
      tell({
        table: 'engine',
        row: {
          TensorFlow: version,
          'computes on': usesGpu ? 'GPU' : 'CPU',
          threads,
          'matrix product and its transfers, TFLOP/s': Number((operations / 1e12).toFixed(3)),
        },
      });
    });
  } finally {
    tellLibraries(folder, context, tell);
  }
}

function tellGpu(gpu: z.infer<typeof gpuSchema>, tell: Tell): void {
  if (gpu === null) return;
  const { name = 'nvidia-smi does not say', driver = '' } = gpu.card ?? {};
  const listed = (pairs: Readonly<Record<string, string>>): string =>
    Object.entries(pairs)
      .map((pair) => pair.join(' '))
      .join(', ');
  const versions = { 'loaded libraries': listed(gpu.libraries), switches: listed(gpu.switches) };
  tell({ table: 'GPU', row: { card: name, driver, ...versions } });
}

function tellLibraries(folder: string, { device }: ProofContext, tell: Tell): void {
  for (const { library, path } of readLogs(folder)) {
    if (path === null || telling.test(library)) {
      tell({ table: 'libraries', row: { library, 'found at': path ?? 'nowhere' } });
    }
    if (device === 'gpu' && path === null && !optional.test(library)) {
      tell({ problem: `no ${library} was found` });
    }
  }
}

/** Each process writes a file of its own; a library that one of them found is there. */
function readLogs(folder: string): readonly Sought[] {
  const found = new Map<string, string | null>();
  for (const name of readdirSync(folder)) {
    for (const { library, path } of soughtLibraries(readFileSync(join(folder, name), 'utf8'))) {
      found.set(library, found.get(library) ?? path);
    }
  }
  return [...found].map(([library, path]) => ({ library, path }));
}
