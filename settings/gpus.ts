/** GPUs that engines may use, by the names that CUDA_VISIBLE_DEVICES takes. */
import { execFileSync } from 'node:child_process';
import { UserError } from '../experiment/errors.js';

interface MigInstance {
  /** Such as 1g.10gb: compute slices and memory. */
  readonly profile: string;
  readonly uuid: string;
}

export interface ListedGpu {
  readonly index: number;
  readonly name: string;
  readonly uuid: string;
  /** Empty unless the GPU is partitioned. */
  readonly instances: readonly MigInstance[];
}

const gpuLine = /^GPU (\d+): (.+) \(UUID: ([^)]+)\)$/;
const instanceLine = /^\s+MIG (\S+)\s+Device\s+\d+: \(UUID: ([^)]+)\)$/;

/** Parses `nvidia-smi -L`; lines that name no GPU are left out. */
export function parseGpuList(text: string): readonly ListedGpu[] {
  const gpus: (ListedGpu & { readonly instances: MigInstance[] })[] = [];
  for (const line of text.split('\n')) {
    const [, index, name, uuid] = gpuLine.exec(line.trimEnd()) ?? [];
    if (uuid !== undefined) gpus.push({ index: Number(index), name: name!, uuid, instances: [] });
    const [, profile, instance] = instanceLine.exec(line.trimEnd()) ?? [];
    if (instance !== undefined) gpus.at(-1)?.instances.push({ profile: profile!, uuid: instance });
  }
  return gpus;
}

const patienceMs = 20_000;

/** Standard output of nvidia-smi; null where it is not installed, or finds no driver. */
export function askNvidiaSmi(...args: readonly string[]): string | null {
  try {
    return execFileSync('nvidia-smi', args, {
      encoding: 'utf8',
      timeout: patienceMs,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return null;
  }
}

/** An index, or the uuid of a GPU or of a MIG instance, which may be shortened as long as it is unique. */
const gpuName = /^(\d+|GPU-[0-9a-f-]+|MIG-[0-9A-Za-z/-]+)$/;

/**
 * GPUs of this machine that CUDA_VISIBLE_DEVICES leaves visible; where that is unset, all that nvidia-smi lists, each
 * MIG instance as one. Without nvidia-smi the first GPU is taken for granted: containers often come without it.
 */
export function visibleGpus(
  visible: string | undefined,
  list: () => string | null = () => askNvidiaSmi('-L'),
): readonly string[] {
  if (visible !== undefined) return namedGpus(visible);
  const listed = list();
  if (listed === null) return ['0'];
  return parseGpuList(listed).flatMap(({ uuid, instances }) =>
    instances.length > 0 ? instances.map((instance) => instance.uuid) : [uuid],
  );
}

/** CUDA hides what stands behind a -1; Slurm writes NoDevFiles where a job has no GPU. */
function namedGpus(visible: string): readonly string[] {
  const names = visible.split(',').map((name) => name.trim());
  const end = names.findIndex((name) => ['', '-1', 'NoDevFiles'].includes(name));
  const usable = end < 0 ? names : names.slice(0, end);
  const wrong = usable.find((name) => !gpuName.test(name));
  if (wrong === undefined) return usable;
  throw new UserError('usage', `CUDA_VISIBLE_DEVICES: ${wrong} names no GPU`, {
    hint: 'write indexes as nvidia-smi shows them, or uuids such as GPU-... and MIG-...',
  });
}
