/** Downloads the CUDA runtime library, which goes into offline bundles for GPUs; nothing to do where it is there. */
import { withLock } from './lock.mjs';
import { main } from './main.mjs';
import { cudaRuntime, installTool, toolPending } from './wheels.mjs';

await main(async () => {
  await withLock(async () => {
    if (toolPending(cudaRuntime)) await installTool(cudaRuntime);
  });
  return 0;
});
