/** Reads how much memory another process holds, and how much this machine or container has. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** 0 when the process is gone. */
export function residentBytes(pid: number): number {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return kibibytes ? Number(kibibytes[1]) * 1024 : 0;
  } catch {
    return 0;
  }
}

export function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
