/** Surroundings in which engines for the GPU start without one. */
import { delimiter, join } from 'node:path';

/** `gpu` is the model that they believe to compute on; undefined: they find none. */
export function withPretendedGpu(
  env: NodeJS.ProcessEnv,
  gpu?: string,
): Readonly<Record<string, string | undefined>> {
  return {
    ...env,
    NODE_OPTIONS: `--require ${join(import.meta.dirname, 'preload.cjs')}`,
    PATH: [import.meta.dirname, env['PATH']].join(delimiter),
    CUDA_VISIBLE_DEVICES: '0',
    PRETEND_GPU: gpu,
  };
}
