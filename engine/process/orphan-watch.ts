/** Ends this process when its parent is gone, even while native code blocks the event loop. */
import { Worker } from 'node:worker_threads';

/** Call it once, before anything heavy is loaded. */
export function watchForOrphanhood(): void {
  process.once('disconnect', () => process.exit(1));
  const watch = new Worker(new URL('./orphan-watch-thread.js', import.meta.url), {
    workerData: { parent: process.ppid },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  watch.unref();
}
