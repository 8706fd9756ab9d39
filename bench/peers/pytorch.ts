/** PyTorch as a measuring process, in the two variants that a script can be written in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pythonDir, pytorchSources } from '../folders.js';
import type { Variant } from '../request.js';
import { startPeer, type Peer } from './peer.js';

export function pytorchInstalled(): boolean {
  return existsSync(join(pythonDir, 'torch', '__init__.py'));
}

export function startPytorch(variant: Variant, threads: number): Peer {
  const script = join(pytorchSources, 'main.py');
  return startPeer(
    `pytorch-${variant}`,
    ['python3', script, variant],
    pytorchEnvironment(variant, threads),
  );
}

/** Tuned: glibc keeps freed memory instead of mapping large tensors anew at each use. */
const keepMemory = { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: String(2 ** 34) };

export function pytorchEnvironment(variant: Variant, threads: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PYTHONPATH: pythonDir,
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: String(threads),
    ...(variant === 'tuned' ? keepMemory : {}),
  };
}
