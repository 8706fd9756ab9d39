/** PyTorch as a measuring process, in the two variants that a script can be written in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pythonDir, pytorchSources } from '../folders.js';
import type { Variant } from '../request.js';
import { startPeer, type Peer } from './peer.js';

export function pytorchInstalled(): boolean {
  return existsSync(join(pythonDir, 'torch', '__init__.py'));
}

export interface PytorchOptions {
  readonly variant: Variant;
  readonly threads: number;
  /** The interpreter; where the benchmark's own packages are not installed, it brings PyTorch. */
  readonly python?: string;
  readonly device?: 'cpu' | 'cuda';
  /** Whether a GPU may round the arguments of float32 products to TF32. */
  readonly tf32?: boolean;
  readonly logs?: string;
}

export function startPytorch(options: PytorchOptions): Peer {
  const { variant, threads, python = 'python3', device = 'cpu', tf32 = false, logs } = options;
  const script = join(pytorchSources, 'main.py');
  return startPeer({
    name: `pytorch-${variant}`,
    command: [python, script, variant, '--device', device, ...(tf32 ? ['--tf32'] : [])],
    env: pytorchEnvironment(variant, threads),
    ...(logs === undefined ? {} : { logs }),
  });
}

/** Tuned: glibc keeps freed memory instead of mapping large tensors anew at each use. */
const keepMemory = { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: String(2 ** 34) };

export function pytorchEnvironment(variant: Variant, threads: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...(pytorchInstalled() ? { PYTHONPATH: pythonDir } : {}),
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: String(threads),
    ...(variant === 'tuned' ? keepMemory : {}),
  };
}
