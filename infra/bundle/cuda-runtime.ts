/** The CUDA runtime library, which set-up leaves to those who make a bundle. */
import { join } from 'node:path';
import { repositoryRoot } from '../../settings/paths.js';
import { programOutput } from './run-program.js';

/** Downloads it where it is missing. */
export async function fetchCudaRuntime(signal: AbortSignal): Promise<void> {
  const script = join(repositoryRoot, 'infra', 'setup', 'cuda-runtime.mjs');
  await programOutput([process.execPath, script], { signal });
}
