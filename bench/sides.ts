/** Starts the processes that measure, and ends them whatever happens. */
import type { Sides } from './alternate.js';
import { startIsthmus } from './peers/isthmus.js';
import { pytorchInstalled, startPytorch } from './peers/pytorch.js';
import { variants } from './request.js';

export interface SideOptions {
  readonly threads: number;
  /** False: not asked. */
  readonly pytorch: boolean;
}

/** Whether PyTorch takes part; says in one line why not. */
export function usesPytorch(pytorch: boolean, say: (line: string) => void): boolean {
  if (!pytorch) return false;
  if (pytorchInstalled()) return true;
  say('own figures only: PyTorch is not installed (npm run bench -- --install-pytorch)');
  return false;
}

export async function withSides<T>(
  { threads, pytorch }: SideOptions,
  use: (sides: Sides) => Promise<T>,
): Promise<T> {
  const own = startIsthmus({ threads });
  const started = pytorch
    ? variants.map((name) => [name, startPytorch({ variant: name, threads })])
    : [];
  const others = Object.fromEntries(started) as Sides['others'];
  try {
    return await use({ own, others });
  } finally {
    await Promise.all([own, ...Object.values(others)].map((peer) => peer.close()));
  }
}
