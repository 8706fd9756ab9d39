/** Memory that a process holds: on the GPU as the driver counts it, on a CPU the most that was resident. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Device } from '../../settings/settings.js';

/** Megabytes (2^20); null where the driver names no processes, as in some containers. */
export function processMemory(device: Device, pid: number | undefined): number | null {
  if (pid === undefined) return null;
  if (device === 'cpu') return peakResident(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const query = ['--query-compute-apps=pid,used_gpu_memory', '--format=csv,noheader,nounits'];
  const { stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  return gpuMemory(stdout ?? '', pid);
}

/** Lines of process id and MiB; a process has one for each GPU that it uses. */
export function gpuMemory(listed: string, pid: number): number | null {
  const found = listed
    .split('\n')
    .map((line) => line.split(',').map(Number))
    .filter(([id, used]) => id === pid && Number.isFinite(used));
  return found.length === 0 ? null : found.reduce((sum, [, used]) => sum + used!, 0);
}

function peakResident(status: string): number | null {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}
