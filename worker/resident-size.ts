/** Reads how much memory another process holds. */
import { readFileSync } from 'node:fs';

/** 0 when the process is gone. */
export function residentBytes(pid: number): number {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return kibibytes ? Number(kibibytes[1]) * 1024 : 0;
  } catch {
    return 0;
  }
}
