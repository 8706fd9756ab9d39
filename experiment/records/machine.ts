/** Describes, in words, the part of an environment that may change bits. */
import type { Environment, GpuEnvironment } from './records.js';

export function machineText({ cpu, device, threads, tensorflow, gpu }: Environment): string {
  const count = `${threads} thread${threads === 1 ? '' : 's'}`;
  const parts = [cpu, device, count, `TensorFlow ${tensorflow}`, ...(gpu ? gpuParts(gpu) : [])];
  return parts.join(', ');
}

/** Neither which card of its model it is, nor how much memory was reserved on it, changes a bit. */
function gpuParts({ card, libraries }: GpuEnvironment): readonly string[] {
  const names = Object.keys(libraries).sort();
  return [gpuText(card), ...names.map((name) => `${name} ${libraries[name]}`)];
}

/** `NVIDIA H200, driver 580.95.05`, with the MIG profile where it is partitioned. */
export function gpuText(card: GpuEnvironment['card']): string {
  if (card === null) return 'a GPU that nvidia-smi did not name';
  const part = card.mig === null ? '' : ` MIG ${card.mig.profile}`;
  return `${card.name}${part}, driver ${card.driver}`;
}
