/** Conditions of a measurement: processor, versions, and load of the machine. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { z } from 'zod';
import type { Sides } from './alternate.js';

const about = z.object({ version: z.string(), threads: z.number() });

/** A line for the table's head. */
export async function describeSides({ own, others }: Sides): Promise<string> {
  const ours = about.parse(await own.ask({ command: 'about' }));
  const theirs = await Promise.all(
    Object.values(others).map(async (peer) => about.parse(await peer.ask({ command: 'about' }))),
  );
  const [pytorch] = theirs;
  const versions = [
    `Node ${process.versions.node}`,
    `TensorFlow ${ours.version}`,
    ...(pytorch ? [`PyTorch ${pytorch.version}`] : []),
  ];
  return `${processor()}, ${ours.threads} threads each, ${versions.join(', ')}`;
}

export function processor(): string {
  const flags = processorFlags();
  const found = telling.filter((flag) => flags.includes(flag));
  return `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'} (${found.join(', ')})`;
}

function processorFlags(): readonly string[] {
  return readFileSync('/proc/cpuinfo', 'utf8').split(/\s+/);
}

/** Whether the processor multiplies tiles of bf16: the bars of bf16 are for those that do. */
export function hasAmx(): boolean {
  return processorFlags().includes('amx_bf16');
}

/** Instructions that decide how fast a pass is. */
const telling = ['avx2', 'avx512f', 'avx512_bf16', 'amx_bf16'];

/** Above it something else was running in the last minute. */
const quietLoad = 0.5;

export function warnOfLoad(say: (line: string) => void): void {
  const [load] = loadavg();
  if (load! > quietLoad) {
    say(`the machine is not quiet (load ${load!.toFixed(1)}): read ratios with care`);
  }
}
